import Foundation
import X12

/// `partners.json` of a configuration folder: whom interchanges may come from, and of what kinds.
struct PartnersFile: Decodable {
    struct Own: Decodable {
        let qualifier: String
        let id: String
        let gs: String
    }

    let own: Own
    let knownSenders: [[String]]
    let supportedISA12: [String]
    let supported: [String: String]
    let isa01Allowed: [String]
    let isa03Allowed: [String]
    let usage: [String]

    enum CodingKeys: String, CodingKey {
        case own = "self"
        case knownSenders, supportedISA12, supported, isa01Allowed, isa03Allowed, usage
    }

    /// Reads the partners of a folder.
    static func read(folder: String) throws -> X12Partners {
        let path = folder + "/partners.json"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure.misuse("\(path) cannot be read; name its folder with --config")
        }
        let file: PartnersFile
        do { file = try JSONDecoder().decode(PartnersFile.self, from: data) } catch {
            throw CommandFailure.misuse("\(path) is no file of partners: \(error)")
        }
        var senders: [X12Partners.Identity: X12Partners.AcknowledgmentPolicy] = [:]
        for sender in file.knownSenders {
            guard sender.count == 2, sender[1].utf8.count <= 15 else {
                throw CommandFailure.misuse(
                    "\(path): a sender is a qualifier and an id of at most 15 characters")
            }
            senders[.init(qualifier: sender[0], id: sender[1])] = .asRequested
        }
        return X12Partners(
            own: .init(qualifier: file.own.qualifier, id: file.own.id), ownGroupID: file.own.gs,
            senders: senders, versions: Set(file.supportedISA12), supported: file.supported,
            authorizations: Set(file.isa01Allowed), securities: Set(file.isa03Allowed),
            usages: Set(file.usage))
    }
}

import Foundation
import X12

/// The vectors, and the partners that they assume.
enum Vectors {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/x12")

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: name)))
    }

    static func object(_ text: Data) throws -> [String: Any] {
        struct NotAnObject: Error {}
        guard let object = try JSONSerialization.jsonObject(with: text) as? [String: Any] else {
            throw NotAnObject()
        }
        return object
    }

    static func partners() throws -> X12Partners {
        struct Incomplete: Error {}
        let json = try object(Data(contentsOf: folder.appending(path: "partners.json")))
        guard let own = json["self"] as? [String: String],
            let senders = json["knownSenders"] as? [[String]],
            let supported = json["supported"] as? [String: String],
            let versions = json["supportedISA12"] as? [String],
            let authorizations = json["isa01Allowed"] as? [String],
            let securities = json["isa03Allowed"] as? [String],
            let usages = json["usage"] as? [String]
        else { throw Incomplete() }
        return X12Partners(
            own: .init(qualifier: own["qualifier"] ?? "", id: own["id"] ?? ""),
            ownGroupID: own["gs"] ?? "",
            senders: Dictionary(
                uniqueKeysWithValues: senders.map {
                    (X12Partners.Identity(qualifier: $0[0], id: $0[1]), .asRequested)
                }),
            versions: Set(versions), supported: supported,
            authorizations: Set(authorizations), securities: Set(securities), usages: Set(usages))
    }

    /// What bytes are answered with.
    static func results(
        _ bytes: [UInt8], partners: X12Partners, chunk: Int = .max,
        readsAcknowledgments: Bool = false,
        isDuplicate: @escaping @Sendable (InterchangeKey) -> Bool = { _ in false }
    ) throws -> [InterchangeResult] {
        var checker = InterchangeChecker(
            partners: partners, library: try .standard(),
            readsAcknowledgments: readsAcknowledgments, isDuplicate: isDuplicate)
        var start = 0
        while start < bytes.count {
            let end = chunk < bytes.count - start ? start + chunk : bytes.count
            checker.consume(bytes.span.extracting(start..<end))
            start = end
        }
        return checker.finish()
    }
}

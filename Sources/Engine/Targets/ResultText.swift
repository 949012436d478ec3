import Foundation

/// The result that a target may leave: any JSON value in UTF-8, at most 16 KiB.
enum ResultText {
    /// A record holds at most 65,535 bytes, of which a result may take a quarter.
    static let byteCountMax = 16 << 10

    /// The result in a file, and why it was not taken where it was not.
    static func read(_ path: String) -> (json: String, note: String) {
        do throws(SmallFileError) {
            return check(try RunFolder.smallFile(path, limit: byteCountMax), called: "result file")
        } catch {
            switch error {
            case .missing: return ("", "")
            case .notRegular: return ("", "The result file is not a regular file; it is ignored.")
            case .tooLarge:
                return ("", "The result file is larger than \(byteCountMax) bytes; it is ignored.")
            case .unreadable(let code):
                return ("", "The result file cannot be read: \(Errors.text(code)); it is ignored.")
            }
        }
    }

    /// What a target calls its failure: `failureClass` of a JSON object; empty where it does not
    /// say, or says what may not be said.
    static func statedClass(_ json: String) -> String {
        struct Stated: Decodable {
            var failureClass: String
        }
        guard let stated = try? JSONDecoder().decode(Stated.self, from: Data(json.utf8)),
            TargetFailureClass.mayBeStated(stated.failureClass)
        else { return "" }
        return stated.failureClass
    }

    /// A result in bytes that are here, and why it was not taken where it was not.
    static func check(_ bytes: [UInt8], called name: String) -> (json: String, note: String) {
        if bytes.isEmpty { return ("", "") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return ("", "The \(name) is not UTF-8; it is ignored.")
        }
        guard bytes.count <= byteCountMax else {
            return ("", "The \(name) is larger than \(byteCountMax) bytes; it is ignored.")
        }
        do {
            _ = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        } catch {
            // The error's own text may quote the file.
            return ("", "The \(name) is not valid JSON; it is ignored.")
        }
        return (text.trimmingCharacters(in: .whitespacesAndNewlines), "")
    }
}

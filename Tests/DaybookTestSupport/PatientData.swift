import Foundation

/// What of an interchange tells of a patient.
public enum PatientData {
    /// Names of people, their numbers, days of birth, streets and account numbers.
    public static func of(_ bytes: [UInt8]) -> Set<String> {
        guard bytes.count > 106, bytes.starts(with: "ISA".utf8) else { return [] }
        let text = String(decoding: bytes, as: UTF8.self)
        let separator = Character(UnicodeScalar(bytes[3]))
        let terminator = Character(UnicodeScalar(bytes[105]))
        var found: Set<String> = []
        for segment in text.split(separator: terminator) {
            let elements = segment.trimmingCharacters(in: .whitespacesAndNewlines)
                .split(separator: separator, omittingEmptySubsequences: false).map(String.init)
            func take(_ indices: Int...) {
                for index in indices where elements.count > index { found.insert(elements[index]) }
            }
            switch elements.first {
            case "NM1" where elements.count > 2 && elements[2] == "1": take(3, 4, 9)
            case "DMG": take(2)
            case "N3": take(1)
            case "CLM": take(1)
            case "REF" where elements.count > 1 && ["SY", "0F", "1L"].contains(elements[1]):
                take(2)
            default: break
            }
        }
        // Short words stand in other words too.
        return found.filter { $0.utf8.count >= 4 }
    }

    /// Those of some secrets that stand in some bytes, each as a word, or as words that follow each
    /// other.
    ///
    /// - Complexity: linear in the bytes, whatever the number of secrets, where few are suspected.
    public static func found(_ secrets: Set<String>, in bytes: [UInt8]) -> [String] {
        var words: Set<ArraySlice<UInt8>> = []
        for word in bytes.split(whereSeparator: { !isOfWord($0) }) { words.insert(word) }
        let suspected = secrets.filter { secret in
            Array(secret.utf8).split(whereSeparator: { !isOfWord($0) }).allSatisfy(words.contains)
        }
        return suspected.filter { stands(Array($0.utf8), in: bytes) }.sorted()
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte) || byte >= 0x80
    }

    private static func stands(_ secret: [UInt8], in bytes: [UInt8]) -> Bool {
        guard let first = secret.first, bytes.count >= secret.count else { return false }
        return (0...bytes.count - secret.count).contains { start in
            guard bytes[start] == first else { return false }
            let end = start + secret.count
            return bytes[start..<end].elementsEqual(secret)
                && (start == 0 || !isOfWord(bytes[start - 1]))
                && (end == bytes.count || !isOfWord(bytes[end]))
        }
    }
}

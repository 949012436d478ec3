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

    /// Whether a text stands as a word.
    public static func stands(_ secret: String, in text: String) -> Bool {
        // Most stand nowhere: bytes are looked through first, which is fast.
        guard Data(text.utf8).range(of: Data(secret.utf8)) != nil else { return false }
        var rest = text[...]
        func isOfWord(_ character: Character?) -> Bool {
            character.map { $0.isLetter || $0.isNumber } ?? false
        }
        while let range = rest.range(of: secret) {
            let before =
                range.lowerBound == text.startIndex
                ? nil : text[text.index(before: range.lowerBound)]
            let after = range.upperBound == text.endIndex ? nil : text[range.upperBound]
            if !isOfWord(before) && !isOfWord(after) { return true }
            rest = rest[range.upperBound...]
        }
        return false
    }
}

/// Finds the known name that somebody probably meant.
public enum NearName {
    /// The nearest name with at most a third of its letters changed, added, removed or swapped with
    /// their neighbour, case and punctuation left aside; nil where none is near.
    ///
    /// - Complexity: O(names of like length, and the product of both lengths for each).
    public static func of(_ text: String, among known: [String]) -> String? {
        let wanted = folded(text)
        guard (1...64).contains(wanted.count) else { return nil }
        var best: (distance: Int, name: String)?
        for candidate in known {
            let letters = folded(candidate)
            let most = max(1, min(wanted.count, letters.count) / 3)
            // No fewer letters are added than one is longer than the other.
            guard abs(letters.count - wanted.count) <= most else { continue }
            let distance = distance(wanted, letters)
            if distance <= most, best.map({ distance < $0.distance }) ?? true {
                best = (distance, candidate)
            }
        }
        return best?.name
    }

    /// A text's letters in lower case, without hyphens, underscores and blanks.
    public static func folded(_ text: String) -> [UInt8] {
        text.utf8.prefix(65).compactMap { byte in
            switch byte {
            case 0x41...0x5A: byte | 0x20
            case 0x2D, 0x5F, 0x20: nil
            default: byte
            }
        }
    }

    /// The number of letters to change, add, remove or swap with their neighbour ("optimal string
    /// alignment", Damerau 1964).
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var before: [Int] = []
        var previous = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var cost = min(
                    row[j] + 1, previous[j + 1] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    cost = min(cost, before[j - 1] + 1)
                }
                row.append(cost)
            }
            (before, previous) = (previous, row)
        }
        return previous[b.count]
    }
}

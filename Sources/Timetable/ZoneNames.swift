/// Rules for zone names, and suggestions for misspelt ones.
enum ZoneNames {
    /// Files of the zone folder that mean something else on each machine.
    private static let local: Set<String> = ["localtime", "posixrules"]

    /// Refuses what is not a plain relative path of letters, digits, `_`, `-`, `+` and `/`.
    static func validate(_ name: String) throws(TimetableError) {
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { part in
            !part.isEmpty && part.first != UInt8(ascii: "-") && part.allSatisfy(isAllowed)
        }
        guard isPlain, name.utf8.count <= 100, !local.contains(name) else {
            throw TimetableError(
                .invalidZoneName,
                "\(quoted(name)) is not a zone name. "
                    + "Use a name of the IANA database, such as Europe/Berlin.",
                field: "zone")
        }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"): true
        default: false
        }
    }

    /// The names that the lines of `tzdata.zi` define: `Z name …` and `L target name`.
    static func list(in lines: [Substring]) -> [String] {
        var names: [String] = []
        for line in lines {
            let isZone = line.hasPrefix("Z ")
            guard isZone || line.hasPrefix("L ") else { continue }
            let words = line.split(separator: " ", maxSplits: 3)
            let place = isZone ? 1 : 2
            if words.count > place { names.append(String(words[place])) }
        }
        return names.sorted()
    }

    /// At most three names like the given one, the best first.
    static func near(_ name: String, among names: [String]) -> [String] {
        let wanted = Array(name.lowercased().utf8.prefix(64))
        let scored = names.compactMap { candidate -> (distance: Int, name: String)? in
            let whole = candidate.lowercased()
            let city = whole.split(separator: "/").last.map { Array($0.utf8) } ?? []
            let distance = min(
                editDistance(wanted, Array(whole.utf8)), editDistance(wanted, city) + 1)
            return distance <= max(1, wanted.count / 3) ? (distance, candidate) : nil
        }
        return scored.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3)
            .map(\.name)
    }

    /// Levenshtein's distance, O(m·n) with one row.
    private static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let above = row[column + 1]
                row[column + 1] = min(
                    above + 1, row[column] + 1, diagonal + (byte == right[column] ? 0 : 1))
                diagonal = above
            }
        }
        return row[right.count]
    }
}

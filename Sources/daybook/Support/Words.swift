import Events

/// Small words for people.
enum Words {
    /// A number of things: `1 error`, `2 errors`.
    static func count(_ number: Int, _ noun: String) -> String { Counted.text(number, noun) }

    /// An offset from UTC, such as `+02:00`.
    static func offset(_ seconds: Int) -> String {
        let magnitude = seconds.magnitude
        let parts =
            [magnitude / 3_600, magnitude / 60 % 60] + (magnitude % 60 == 0 ? [] : [magnitude % 60])
        let texts = parts.map { $0 < 10 ? "0\($0)" : "\($0)" }
        return (seconds < 0 ? "-" : "+") + texts.joined(separator: ":")
    }

    /// A number with a few decimals, without a locale; of what is no number, `-`.
    static func decimal(_ value: Double, places: Int) -> String {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        guard let whole = Int(exactly: (value * scale).rounded()) else { return "-" }
        let digits = String(whole.magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let split = padded.index(padded.endIndex, offsetBy: -places)
        return (whole < 0 ? "-" : "") + padded[..<split] + (places > 0 ? "." : "")
            + padded[split...]
    }

    /// A path as one word of a shell's command line.
    static func shell(_ path: String) -> String {
        let isPlain = path.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || "_-./+:@%,".utf8.contains(byte)
        }
        if isPlain && !path.isEmpty { return path }
        return "'"
            + path.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
}

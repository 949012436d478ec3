/// Numbers of things in sentences for people.
public enum Counted {
    /// A number of things: `1 file`, `2 files`.
    public static func text(_ number: some BinaryInteger, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// The subject of a sentence in the present: `1 file is`, `2 files are`.
    public static func are(_ number: some BinaryInteger, _ noun: String) -> String {
        text(number, noun) + (number == 1 ? " is" : " are")
    }

    /// The subject of a sentence in the past: `1 file was`, `2 files were`.
    public static func were(_ number: some BinaryInteger, _ noun: String) -> String {
        text(number, noun) + (number == 1 ? " was" : " were")
    }
}

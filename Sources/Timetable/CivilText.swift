/// Dates and times as text, byte by byte: every run has several, so none is pieced together from
/// smaller texts.
struct CivilText {
    private var bytes: [UInt8] = []

    /// Room for the longest usual text, `2026-03-29T03:00:00.000000+02:00`.
    init() { bytes.reserveCapacity(32) }

    /// What was written.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Appends one ASCII character.
    mutating func character(_ character: Unicode.Scalar) { bytes.append(UInt8(ascii: character)) }

    /// Appends a number that is not negative, in decimal with leading zeros.
    mutating func number(_ value: Int, width: Int) {
        if value > 99 || width > 2 {
            number(value / 10, width: width - 1)
        } else if value > 9 || width > 1 {
            bytes.append(48 + UInt8(value / 10))
        }
        bytes.append(48 + UInt8(value % 10))
    }

    /// Appends `YYYY-MM-DD`; a year beyond four digits has its sign (ISO 8601, expanded).
    mutating func date(_ date: CivilDate) {
        if date.year < 0 { character("-") } else if date.year > 9999 { character("+") }
        number(abs(date.year), width: 4)
        character("-")
        number(date.month, width: 2)
        character("-")
        number(date.day, width: 2)
    }

    /// Appends `HH:MM:SS`, with `.ffffff` where there are microseconds.
    mutating func time(_ time: CivilTime) {
        number(time.hour, width: 2)
        character(":")
        number(time.minute, width: 2)
        character(":")
        number(time.second, width: 2)
        if time.microsecond == 0 { return }
        character(".")
        number(time.microsecond, width: 6)
    }
}

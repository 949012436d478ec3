/// The four bytes that an interchange separates its parts with, declared by its ISA segment.
public struct X12Delimiters: Equatable, Sendable {
    /// Between the elements of a segment: the byte after `ISA`.
    public var element: UInt8
    /// Between the repetitions of an element: ISA11.
    public var repetition: UInt8
    /// Between the components of a composite element: ISA16.
    public var component: UInt8
    /// At the end of a segment: the byte after ISA16.
    public var terminator: UInt8

    /// Delimiters of one's own; unless stated, those that are usual.
    public init(
        element: UInt8 = UInt8(ascii: "*"), repetition: UInt8 = UInt8(ascii: "^"),
        component: UInt8 = UInt8(ascii: ":"), terminator: UInt8 = UInt8(ascii: "~")
    ) {
        self.element = element
        self.repetition = repetition
        self.component = component
        self.terminator = terminator
    }

    /// Whether the byte is one of the four.
    public func contains(_ byte: UInt8) -> Bool {
        byte == element || byte == repetition || byte == component || byte == terminator
    }

    /// Whether a byte can separate: neither a letter, nor a digit, nor a space.
    public static func isUsable(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: " "):
            false
        default: true
        }
    }
}

/// What kinds of bytes an element holds: one bit for each kind, gathered while it is scanned.
struct ByteClass {
    static let digit: UInt8 = 1
    static let minus: UInt8 = 2
    static let dot: UInt8 = 4
    static let printable: UInt8 = 8
    /// Control characters, and bytes above ASCII.
    static let invalid: UInt8 = 16
    static let repetition: UInt8 = 32
    static let component: UInt8 = 64
    /// The element separator and the segment terminator, which end an element.
    static let delimiter: UInt8 = 128

    /// The class of every byte.
    static func array(_ delimiters: X12Delimiters) -> [UInt8] {
        var table = [UInt8](repeating: invalid, count: 256)
        for byte in 0x20..<0x7F { table[byte] = printable }
        for byte in 0x30...0x39 { table[byte] = digit }
        table[Int(UInt8(ascii: "-"))] = minus
        table[Int(UInt8(ascii: "."))] = dot
        table[Int(delimiters.repetition)] = repetition
        table[Int(delimiters.component)] = component
        table[Int(delimiters.element)] = delimiter
        table[Int(delimiters.terminator)] = delimiter
        return table
    }
}

import Events

/// Sets every field of a message to a seeded value.
struct RandomFields: FieldVisitor {
    /// What kind of values.
    enum Style: CaseIterable {
        /// Every field at its default.
        case defaults
        /// Every field at its largest, longest or lowest.
        case extremes
        /// Short values, some at their default.
        case small
        /// Anything.
        case mixed
    }

    private var random: SeededRandom
    private let style: Style
    /// The kinds of field that were met, so that a test can tell that none was left out.
    private(set) var kinds: Set<String> = []

    init(seed: UInt64, style: Style) {
        self.random = SeededRandom(seed: seed)
        self.style = style
    }

    /// A message with its fields set.
    mutating func fill<M: WireMessage>(_ type: M.Type) throws(WireError) -> M {
        var message = M()
        try message.fields(&self)
        return message
    }

    private mutating func pick<T>(
        _ kind: String, _ zero: T, _ extreme: T, _ value: (inout SeededRandom) -> T
    ) -> T {
        kinds.insert(kind)
        switch style {
        case .defaults: return zero
        case .extremes: return extreme
        case .small, .mixed:
            return Int.random(in: 0..<5, using: &random) == 0 ? zero : value(&random)
        }
    }

    private mutating func string() -> String {
        let alphabet: [Unicode.Scalar] = [
            "a", "Z", "0", " ", "\"", "'", "\\", "\n", "\r", "\t", "\0", "\u{7}", "\u{7F}", "é",
            "\u{301}", "€", "\u{2028}", "\u{FFFD}", "\u{FEFF}", "😀", "\u{10FFFF}", "/", "{", "$",
        ]
        let limit = style == .small ? 6 : 40
        let isLong = style == .mixed && Int.random(in: 0..<40, using: &random) == 0
        let count = isLong ? 3_000 : Int.random(in: 0...limit, using: &random)
        var result = ""
        for _ in 0..<count {
            result.unicodeScalars.append(alphabet.randomElement(using: &random) ?? "a")
        }
        return result
    }

    private mutating func integer() -> UInt64 {
        // Every length of a varint is as likely as any other.
        let bits = UInt64.random(in: 0...64, using: &random)
        return bits == 0 ? 0 : random.next() >> (64 - bits)
    }

    private mutating func count() -> Int {
        switch style {
        case .defaults: 0
        case .extremes: 3
        case .small: Int.random(in: 0...2, using: &random)
        case .mixed: Int.random(in: 0...4, using: &random)
        }
    }

    mutating func text(_ number: Int, _ name: StaticString, _ value: inout String) {
        let text = string()
        value = pick("text", "", String(repeating: "ÿ\u{0}", count: 100)) { _ in text }
    }

    mutating func texts(_ number: Int, _ name: StaticString, _ value: inout [String]) {
        kinds.insert("texts")
        // An empty element is an element.
        value = (0..<count()).map { _ in string() } + (style == .extremes ? [""] : [])
    }

    mutating func uint(_ number: Int, _ name: StaticString, _ value: inout UInt64) {
        let number = integer()
        value = pick("uint", 0, .max) { _ in number }
    }

    mutating func uints(_ number: Int, _ name: StaticString, _ value: inout [UInt64]) {
        kinds.insert("uints")
        value = (0..<count() * 30).map { _ in integer() } + (style == .extremes ? [0, .max] : [])
    }

    private mutating func signed(_ kind: String) -> Int64 {
        let number = Int64(bitPattern: integer())
        return pick(kind, 0, .min) { random in Bool.random(using: &random) ? number : ~number }
    }

    mutating func int(_ number: Int, _ name: StaticString, _ value: inout Int64) {
        value = signed("int")
    }

    mutating func optionalInt(_ number: Int, _ name: StaticString, _ value: inout Int64?) {
        let number = signed("optionalInt")
        let isAbsent = style == .defaults || Int.random(in: 0..<4, using: &random) == 0
        value = isAbsent && style != .extremes ? nil : number
    }

    mutating func instant(_ number: Int, _ name: StaticString, _ value: inout Int64) {
        value = signed("instant")
    }

    mutating func bool(_ number: Int, _ name: StaticString, _ value: inout Bool) {
        value = pick("bool", false, true) { _ in true }
    }

    mutating func bytes(_ number: Int, _ name: StaticString, _ value: inout [UInt8]) {
        let count = Int.random(in: 0...(style == .small ? 8 : 300), using: &random)
        let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        value = pick("bytes", [], [UInt8](repeating: 0xFF, count: 1_000)) { _ in bytes }
    }

    mutating func message<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout M?
    ) throws(WireError) {
        kinds.insert("message")
        let isAbsent = style == .defaults || Int.random(in: 0..<5, using: &random) == 0
        value = isAbsent && style != .extremes ? nil : try fill(M.self)
    }

    mutating func messages<M: WireMessage>(
        _ number: Int, _ name: StaticString, _ value: inout [M]
    ) throws(WireError) {
        kinds.insert("messages")
        var items: [M] = []
        for _ in 0..<count() { items.append(try fill(M.self)) }
        value = items
    }
}

extension Event {
    /// An event of a type with seeded values in every field.
    static func random(
        _ type: EventType, seed: UInt64, style: RandomFields.Style
    ) throws(WireError) -> Event {
        var fields = RandomFields(seed: seed &+ UInt64(type.rawValue), style: style)
        let envelope = try fields.fill(Envelope.self)
        return Event(envelope, try fields.payload(type.payload))
    }

    /// Whether two events are the same in every field, unknown ones included.
    func isSame(as other: Event) -> Bool {
        envelope == other.envelope && Self.isSame(payload, other.payload)
    }

    private static func isSame<P: EventPayload>(_ a: P, _ b: any EventPayload) -> Bool {
        a == b as? P
    }
}

extension RandomFields {
    mutating func payload<P: EventPayload>(_ type: P.Type) throws(WireError) -> any EventPayload {
        try fill(type)
    }
}

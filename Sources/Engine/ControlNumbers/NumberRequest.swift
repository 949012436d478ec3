import X12

/// A wish for control numbers of one allocator.
public struct NumberRequest: Sendable, Equatable {
    /// The kinds of allocator.
    public enum Kind: String, Sendable, CaseIterable {
        /// ISA13: one allocator for each sender and receiver.
        case interchange = "ISA"
        /// GS06: one for each sender, receiver and functional id (GS01).
        case group = "GS"
        /// ST02: one for each partner and transaction type.
        case set = "ST"
    }

    /// The allocator's name.
    public let allocator: String
    /// The partner; an attribute of each number.
    public let partner: String
    /// The transaction type, such as `277CA` or `TA1`; likewise.
    public let transactionType: String
    /// The outbound file that they are for; empty where the caller names none.
    public let file: String
    /// How many numbers, one after the other where the allocator does not wrap among them.
    public let count: UInt64

    /// More numbers than one item may ask for are no file's.
    public static let countMax: UInt64 = 100_000
    /// The most items of one request.
    public static let itemsMax = 100

    /// A wish.
    ///
    /// - Parameter sender: for ISA and GS: as the envelope names it, with its qualifier, such as
    ///   `ZZ:US`.
    /// - Parameter group: for GS: the functional id, GS01.
    /// - Throws: `Rejection` that names the field which is missing or wrong.
    public init(
        _ kind: Kind, sender: String = "", receiver: String = "", group: String = "",
        partner: String, transactionType: String, file: String = "", count: UInt64 = 1
    ) throws(Rejection) {
        try Self.check(partner, "partner", 64)
        try Self.check(transactionType, "type", 16)
        guard Self.isType(transactionType) else {
            throw Rejection(
                .invalid,
                "field 'type' is a transaction type such as 277CA, 837P or TA1, or the three "
                    + "digits of another set, not '\(transactionType)'")
        }
        if !file.isEmpty { try Self.check(file, "file", 256) }
        guard (1...Self.countMax).contains(count) else {
            throw Rejection(
                .invalid, "field 'count' is a number from 1 to \(Self.countMax), not \(count)")
        }
        self.partner = partner
        self.transactionType = transactionType
        self.file = file
        self.count = count
        switch kind {
        case .interchange, .group:
            try Self.check(sender, "sender", 35)
            try Self.check(receiver, "receiver", 35)
            if kind == .group { try Self.check(group, "group", 2) }
            allocator = Self.name(
                kind, kind == .group ? [sender, receiver, group] : [sender, receiver])
        case .set: allocator = Self.name(kind, [partner, transactionType])
        }
    }

    /// An allocator's name: its kind and its parts between slashes, `%` and `/` in them as `%25`
    /// and `%2F`.
    public static func name(_ kind: Kind, _ parts: [String]) -> String {
        parts.reduce(into: kind.rawValue) { name, part in
            name += "/"
            let isPlain = part.utf8.allSatisfy {
                $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "%")
            }
            name +=
                isPlain
                ? part
                : part.reduce(into: "") { text, letter in
                    text += letter == "/" ? "%2F" : letter == "%" ? "%25" : String(letter)
                }
        }
    }

    /// Whether a text is a type that is known here, or the id of another set, such as `820`.
    private static func isType(_ text: String) -> Bool {
        TransactionType(rawValue: text) != nil
            || text.utf8.count == 3 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func check(_ text: String, _ field: String, _ max: Int) throws(Rejection) {
        let isGood =
            (1...max).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
            && text.utf8.first != 0x20 && text.utf8.last != 0x20
        guard isGood else {
            throw Rejection(
                .invalid,
                "field '\(field)' is text of 1 to \(max) bytes without controls, "
                    + "and without blanks around it")
        }
    }
}

/// Numbers that were given out, one after the other.
public struct IssuedNumbers: Sendable, Equatable {
    /// Which item of the request they answer, 0 for the first.
    public var item: UInt64 = 0
    /// The allocator.
    public var allocator = ""
    /// The generation.
    public var generation: UInt64 = 0
    /// The first number.
    public var first: UInt64 = 0
    /// How many.
    public var count: UInt64 = 0

    /// No numbers.
    public init() {}

    /// Some numbers.
    public init(
        allocator: String, generation: UInt64, first: UInt64, count: UInt64, item: UInt64 = 0
    ) {
        self.allocator = allocator
        self.generation = generation
        self.first = first
        self.count = count
        self.item = item
    }
}

/// What is asked of control numbers.
public enum ControlNumberCommand: Sendable {
    /// Give out all the numbers of a file, as one decision.
    case issue([NumberRequest], Authority)
    /// Their file is written.
    ///
    /// Generation 0 is the present one, here and below.
    case persist([IssuedNumbers], file: String, Authority)
    /// Their file was not made.
    case fail([IssuedNumbers], reason: String, Authority)
    /// A person says why they are missing.
    case explain([IssuedNumbers], reason: String, Authority)
    /// Begin the next generation with a number; 0 for the allocator's start.
    case reset(allocator: String, next: UInt64, reason: String, Authority)
    /// A file is sent again under its own numbers.
    case resend([IssuedNumbers], file: String, reason: String, Authority)

    var authority: Authority {
        switch self {
        case .issue(_, let who), .persist(_, _, let who), .fail(_, _, let who),
            .explain(_, _, let who), .reset(_, _, _, let who), .resend(_, _, _, let who):
            who
        }
    }

    /// Whether it is an act of a person, which needs a ticket; programs do the others.
    var isManual: Bool {
        switch self {
        case .issue, .persist, .fail: false
        case .explain, .reset, .resend: true
        }
    }
}

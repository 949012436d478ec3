import Events
import X12

/// Everything that a file is made of, but for its outcomes: the file's envelope and its numbers.
public struct CompositionOrder: Equatable, Sendable {
    /// The file's id; names of its sets are derived from it.
    public var file: UInt64
    /// ISA05 and ISA06.
    public var sender: X12Partners.Identity
    /// ISA07 and ISA08.
    public var receiver: X12Partners.Identity
    /// GS02.
    public var senderGroup: String
    /// GS03 of outcomes that name none.
    public var receiverGroup: String
    /// ISA15.
    public var usage: String
    /// ISA14.
    public var requestsAcknowledgment: Bool
    /// What separates.
    public var delimiters: X12Delimiters
    /// When its numbers were given out, µs; the file is dated so, in UTC.
    public var instant: Int64
    /// ISA13.
    public var isaNumber: UInt64
    /// GS06: one for each group (`groups(of:)`), in their order; none for TA1s.
    public var groupNumbers: [UInt64]
    /// ST02: one for each outcome, in their order; none for TA1s.
    public var setNumbers: [UInt64]

    /// An order.
    public init(
        file: UInt64, sender: X12Partners.Identity, receiver: X12Partners.Identity,
        senderGroup: String, receiverGroup: String, usage: String = "P",
        requestsAcknowledgment: Bool = false, delimiters: X12Delimiters = X12Delimiters(),
        instant: Int64, isaNumber: UInt64, groupNumbers: [UInt64], setNumbers: [UInt64]
    ) {
        self.file = file
        self.sender = sender
        self.receiver = receiver
        self.senderGroup = senderGroup
        self.receiverGroup = receiverGroup
        self.usage = usage
        self.requestsAcknowledgment = requestsAcknowledgment
        self.delimiters = delimiters
        self.instant = instant
        self.isaNumber = isaNumber
        self.groupNumbers = groupNumbers
        self.setNumbers = setNumbers
    }

    /// The order of a file that was opened, with its numbers.
    ///
    /// - Throws: `outcome` where the event names no parties or no delimiters.
    public init(
        _ grouped: FileGrouped, file: UInt64, instant: Int64, isaNumber: UInt64,
        groupNumbers: [UInt64], setNumbers: [UInt64]
    ) throws(ExchangeError) {
        self.init(
            file: file, sender: try Self.identity(grouped.sender),
            receiver: try Self.identity(grouped.receiver), senderGroup: grouped.senderGroup,
            receiverGroup: grouped.receiverGroup, usage: grouped.usage,
            requestsAcknowledgment: grouped.requestsAcknowledgment,
            delimiters: try Self.delimiters(grouped.delimiters), instant: instant,
            isaNumber: isaNumber, groupNumbers: groupNumbers, setNumbers: setNumbers)
    }

    /// The party that allocators name `ZZ:US`.
    public static func identity(_ name: String) throws(ExchangeError) -> X12Partners.Identity {
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw ExchangeError(
                "outcome", "a party of the file has no qualifier; define the partner anew")
        }
        return X12Partners.Identity(qualifier: String(parts[0]), id: String(parts[1]))
    }

    /// The delimiters that a partner's definition writes as `*^:~`; empty for the usual ones.
    public static func delimiters(_ text: String) throws(ExchangeError) -> X12Delimiters {
        let bytes = Array(text.utf8)
        if bytes.isEmpty { return X12Delimiters() }
        guard bytes.count == 4 else {
            throw ExchangeError(
                "outcome", "the partner has not four delimiters; define the partner anew")
        }
        return X12Delimiters(
            element: bytes[0], repetition: bytes[1], component: bytes[2], terminator: bytes[3])
    }

    /// The groups that outcomes stand in: each GS03 once, in the order that it is first met.
    public func groups(of outcomes: [Outcome]) -> [String] {
        Self.groups(of: outcomes.map { $0.group ?? "" }, receiverGroup: receiverGroup)
    }

    /// The groups of outcomes by what each says of its own; empty for the partner's.
    public static func groups(of groups: [String], receiverGroup: String) -> [String] {
        var found: [String] = []
        for group in groups {
            let name = group.isEmpty ? receiverGroup : group
            if !found.contains(name) { found.append(name) }
        }
        return found
    }

    /// The day as CCYYMMDD and the time as HHMM, in UTC.
    func dated() throws(ExchangeError) -> (date: String, time: String) {
        let text = Array(UTCText.of(microseconds: instant).utf8)
        guard text.count == 27 else {
            throw ExchangeError(
                "outcome", "the file's moment is in no year of four digits; correct the clock")
        }
        func digits(_ places: [Range<Int>]) -> String {
            String(decoding: places.flatMap { text[$0] }, as: UTF8.self)
        }
        return (digits([0..<4, 5..<7, 8..<10]), digits([11..<13, 14..<16]))
    }
}

import Crypto
import X12

/// What the outcomes of a member file have in common.
public struct EnrollmentOrder: Equatable, Sendable {
    /// The partner's name.
    public var partner: String
    /// GS03 of their group; nil for the partner's.
    public var group: String?
    /// What their ids begin with, followed by `-1`, `-2` and so on; at most 50 characters.
    public var id: String
    /// N1*P5.
    public var sponsor: X12Party
    /// N1*IN.
    public var payer: X12Party
    /// DTP*007, CCYYMMDD; what ends without a day of its own ends then.
    public var effectiveDate: String
    /// The most members of an outcome; an outcome has fewer where its line would be too long.
    public var memberCountMax: Int
    /// The partner's delimiters.
    public var delimiters: X12Delimiters

    /// An order.
    public init(
        partner: String, group: String? = nil, id: String, sponsor: X12Party, payer: X12Party,
        effectiveDate: String, memberCountMax: Int = 5_000,
        delimiters: X12Delimiters = X12Delimiters()
    ) {
        self.partner = partner
        self.group = group
        self.id = id
        self.sponsor = sponsor
        self.payer = payer
        self.effectiveDate = effectiveDate
        self.memberCountMax = memberCountMax
        self.delimiters = delimiters
    }
}

/// What came of a member file.
public struct EnrollmentCounts: Equatable, Sendable {
    /// Members of the file.
    public internal(set) var memberCount = 0
    /// Members that the file before had not.
    public internal(set) var addedCount = 0
    /// Members that are other than before.
    public internal(set) var changedCount = 0
    /// Members of the file before that are no more.
    public internal(set) var terminatedCount = 0
    /// Outcomes that were made; 0 where nothing has changed.
    public internal(set) var outcomeCount = 0
}

/// Makes outcomes of type 834 of a member file: of all of it, or of what has changed since the file
/// before.
///
/// A file is read line by line. Memory holds a hash for each member's id and content, and one
/// outcome. The first bad line ends it with an error; then none of the lines that were given is to
/// be used.
public enum EnrollmentSnapshot {
    /// The most members of a file.
    public static let memberCountMax = 5_000_000

    /// Gives outcomes that hold every member, in the order of the file.
    ///
    /// - Parameter give: takes a line, without its end.
    /// - Throws: `outcome` where a line is bad (a dependent before its subscriber too), and what
    ///   reading and `give` throw.
    /// - Complexity: linear in the file.
    public static func full(
        _ members: LineReader, _ order: EnrollmentOrder,
        give: ([UInt8]) throws(ExchangeError) -> Void
    ) throws(ExchangeError) -> EnrollmentCounts {
        var packer = try EnrollmentPacker(order, isFull: true)
        var reader = MemberReader(members, "the member file", order.delimiters)
        var ids: Set<MemberKey> = []
        while let (member, line) = try reader.next() {
            if !ids.insert(MemberKey(member.id)).inserted { throw reader.repeated(line) }
            packer.counts.memberCount += 1
            try reader.place(line) { () throws(LineFault) in try packer.check(member, .full) }
            try packer.add(member, .full, give)
        }
        return try packer.finish(give)
    }

    /// Gives outcomes that hold what has changed: members that were added and changed, in the order
    /// of the new file, and then those that are no more, in the order of the old one.
    ///
    /// - Parameters:
    ///   - old: opens the file before; it is read twice.
    ///   - give: takes a line, without its end; it is not called where nothing has changed.
    /// - Throws: as `full`.
    /// - Complexity: linear in both files.
    public static func delta(
        from old: () throws(ExchangeError) -> LineReader, to new: LineReader,
        _ order: EnrollmentOrder, give: ([UInt8]) throws(ExchangeError) -> Void
    ) throws(ExchangeError) -> EnrollmentCounts {
        var packer = try EnrollmentPacker(order, isFull: false)
        var index = try index(old(), order)
        var added: Set<MemberKey> = []
        var reader = MemberReader(new, "the member file", order.delimiters)
        while let (member, line) = try reader.next() {
            packer.counts.memberCount += 1
            let key = MemberKey(member.id)
            let change: EnrollmentMember.Change
            if let place = index.index(forKey: key) {
                if index.values[place].isSeen { throw reader.repeated(line) }
                index.values[place].isSeen = true
                let before = index.values[place]
                let now = MemberMark(member)
                if now.content == before.content { continue }
                packer.counts.changedCount += 1
                change = .changed(
                    kept: Set(before.lines.names), dropped: before.lines.less(now.lines).names)
            } else {
                if !added.insert(key).inserted { throw reader.repeated(line) }
                packer.counts.addedCount += 1
                change = .added
            }
            try reader.place(line) { () throws(LineFault) in try packer.check(member, change) }
            try packer.add(member, change, give)
        }
        var again = MemberReader(try old(), "the member file before", order.delimiters)
        while let (member, line) = try again.next() {
            guard let mark = index[MemberKey(member.id)] else {
                throw again.error(line, "is not what it was; keep the file until this is done")
            }
            if mark.isSeen { continue }
            packer.counts.terminatedCount += 1
            try again.place(line) { () throws(LineFault) in try packer.check(member, .terminated) }
            try packer.add(member, .terminated, give)
        }
        return try packer.finish(give)
    }

    private static func index(
        _ old: LineReader, _ order: EnrollmentOrder
    ) throws(ExchangeError) -> [MemberKey: MemberMark] {
        var index: [MemberKey: MemberMark] = [:]
        var reader = MemberReader(old, "the member file before", order.delimiters)
        while let (member, line) = try reader.next() {
            if index.updateValue(MemberMark(member), forKey: MemberKey(member.id)) != nil {
                throw reader.repeated(line)
            }
        }
        return index
    }
}

/// Half of a SHA-256: enough that no two of some millions are the same by chance.
private struct MemberHash: Hashable {
    private let high: UInt64
    private let low: UInt64

    init(_ bytes: some Sequence<UInt8>) {
        let digest = SHA256.hash(data: Array(bytes))
        (high, low) = digest.prefix(16).enumerated().reduce(into: (UInt64(0), UInt64(0))) {
            if $1.offset < 8 {
                $0.0 = $0.0 << 8 | UInt64($1.element)
            } else {
                $0.1 = $0.1 << 8 | UInt64($1.element)
            }
        }
    }
}

/// A member's id, hashed.
private struct MemberKey: Hashable {
    private let hash: MemberHash

    init(_ id: String) { hash = MemberHash(id.utf8) }
}

/// What is remembered of a member of the file before.
private struct MemberMark {
    let content: MemberHash
    let lines: CoverageLines
    /// Whether the new file has it.
    var isSeen = false

    init(_ member: EnrollmentMember) {
        content = MemberHash(member.encoded())
        lines = CoverageLines(member)
    }
}

/// Which lines of coverage (HD03) a member has: a bit for each.
private struct CoverageLines {
    private static let known = [
        "AG", "AH", "AJ", "AK", "DCP", "DEN", "EPO", "FAC", "HE", "HLT", "HMO", "LTC", "LTD", "MM",
        "MOD", "PDG", "POS", "PPO", "PRA", "STD", "UR", "VIS",
    ]
    private var bits: UInt32 = 0

    init(_ member: EnrollmentMember) {
        for coverage in member.coverages {
            // A line that is not known is refused by the check of the member.
            if let bit = Self.known.firstIndex(of: coverage.line) { bits |= 1 << UInt32(bit) }
        }
    }

    /// Those that the other has not.
    func less(_ other: CoverageLines) -> CoverageLines {
        var result = self
        result.bits &= ~other.bits
        return result
    }

    var names: [String] {
        Self.known.enumerated().filter { bits & 1 << UInt32($0.offset) != 0 }.map(\.element)
    }
}

/// Reads the members of a file; every dependent comes after its subscriber.
private struct MemberReader {
    private var lines: LineReader
    private let file: String
    private let delimiters: X12Delimiters
    private var subscribers: Set<MemberKey> = []

    init(_ lines: LineReader, _ file: String, _ delimiters: X12Delimiters) {
        self.lines = lines
        self.file = file
        self.delimiters = delimiters
    }

    /// The next member and the number of its line; nil after the last.
    mutating func next() throws(ExchangeError) -> (EnrollmentMember, Int)? {
        guard let line = try lines.next() else { return nil }
        if line.number > EnrollmentSnapshot.memberCountMax {
            throw error(line.number, "is one too many; split the file by groups of members")
        }
        let member = try place(line.number) { () throws(LineFault) in
            if line.isTooLong { throw .tooLong }
            return try LineDecoder.decode(
                EnrollmentMember.self, try LineJSON.read(line.bytes), delimiters)
        }
        let subscriber = MemberKey(member.subscriberNumber)
        if member.isSubscriber {
            subscribers.insert(subscriber)
        } else if !subscribers.contains(subscriber) {
            throw error(
                line.number,
                "field 'subscriberNumber': is of no subscriber before; write subscribers first")
        }
        return (member, line.number)
    }

    func place<T>(_ line: Int, _ body: () throws(LineFault) -> T) throws(ExchangeError) -> T {
        do throws(LineFault) {
            return try body()
        } catch {
            throw ExchangeError("outcome", "\(file), \(error.error(line: line).message)")
        }
    }

    func error(_ line: Int, _ problem: String) -> ExchangeError {
        ExchangeError("outcome", "\(file), line \(line): \(problem)")
    }

    func repeated(_ line: Int) -> ExchangeError {
        error(line, "field 'id': stood on a line before; give each member its own")
    }
}

/// Puts members into outcomes, as many as fit.
private struct EnrollmentPacker {
    var counts = EnrollmentCounts()
    private let order: EnrollmentOrder
    private let isFull: Bool
    private var members: [Enrollment.Member] = []
    private var byteCount = 0
    /// An outcome without members, and room for the number of its id.
    private let emptyByteCount: Int

    init(_ order: EnrollmentOrder, isFull: Bool) throws(ExchangeError) {
        self.order = order
        self.isFull = isFull
        if order.memberCountMax < 1 || order.id.utf8.count > 50 {
            throw ExchangeError(
                "outcome",
                "an 834 of members needs an id of at most 50 characters, and room for a member")
        }
        var blank = EnrollmentMember.blank
        (blank.isSubscriber, blank.relationship, blank.subscriberNumber) = (true, "18", "1")
        blank.name = X12Party(name: "NAME", firstName: "NAME")
        // What the order itself has wrong is told before any member is looked at.
        let sample = Self.outcome(order, isFull, number: 1, [blank.x12(.full, "")])
        do throws(LineFault) {
            _ = try Outcome.read(
                sample.encoded()[...], [.enrollment], { _ in order.delimiters })
        } catch {
            throw ExchangeError(
                "outcome", "the 834 of the member file: \(error.error(line: nil).message)")
        }
        emptyByteCount = Self.outcome(order, isFull, number: .max, []).encoded().count
    }

    private static func outcome(
        _ order: EnrollmentOrder, _ isFull: Bool, number: Int, _ members: [Enrollment.Member]
    ) -> Outcome {
        Outcome(
            partner: order.partner, id: "\(order.id)-\(number)", group: order.group,
            body: .enrollment(
                Enrollment(
                    isFull: isFull, sponsor: order.sponsor, payer: order.payer,
                    effectiveDate: order.effectiveDate, members: members)))
    }

    /// Whether an 834 has a place for all of a member.
    func check(
        _ member: EnrollmentMember, _ change: EnrollmentMember.Change
    ) throws(LineFault) {
        let member = member.x12(change, order.effectiveDate)
        try Self.outcome(order, isFull, number: 1, [member]).check(order.delimiters)
    }

    mutating func add(
        _ member: EnrollmentMember, _ change: EnrollmentMember.Change,
        _ give: ([UInt8]) throws(ExchangeError) -> Void
    ) throws(ExchangeError) {
        let member = member.x12(change, order.effectiveDate)
        // A comma stands between members.
        let size = LineEncoder.encode(member).count + 1
        if members.count == order.memberCountMax
            || emptyByteCount + byteCount + size > Outcome.byteCountMax
        {
            try close(give)
        }
        members.append(member)
        byteCount += size
    }

    private mutating func close(
        _ give: ([UInt8]) throws(ExchangeError) -> Void
    ) throws(ExchangeError) {
        if members.isEmpty { return }
        counts.outcomeCount += 1
        try give(Self.outcome(order, isFull, number: counts.outcomeCount, members).encoded())
        members = []
        byteCount = 0
    }

    mutating func finish(
        _ give: ([UInt8]) throws(ExchangeError) -> Void
    ) throws(ExchangeError) -> EnrollmentCounts {
        try close(give)
        return counts
    }
}

import Events
import Projections

/// Finds files of ours by the numbers that acknowledgments name, and outcomes by partner and type:
/// it follows from the state, and is made anew at a start.
struct ExchangeIndex: Sendable {
    /// Outcomes of one partner and type that wait.
    struct Group: Hashable, Sendable {
        let tenant: String
        let partner: String
        let type: String

        func precedes(_ other: Group) -> Bool {
            if tenant != other.tenant {
                return tenant.utf8.lexicographicallyPrecedes(other.tenant.utf8)
            }
            if partner != other.partner {
                return partner.utf8.lexicographicallyPrecedes(other.partner.utf8)
            }
            return type.utf8.lexicographicallyPrecedes(other.type.utf8)
        }
    }

    /// A queue whose first elements are gone.
    struct Queue: Sendable {
        private var numbers: [UInt64] = []
        private var head = 0

        var count: Int { numbers.count - head }
        var first: UInt64? { head < numbers.count ? numbers[head] : nil }
        mutating func append(_ number: UInt64) { numbers.append(number) }

        /// The first of them, at most so many; they stay.
        func prefix(_ count: Int) -> [UInt64] { Array(numbers[head...].prefix(count)) }

        mutating func drop(_ count: Int) {
            head += min(count, self.count)
            if head > 1_024 && head * 2 > numbers.count {
                numbers.removeFirst(head)
                head = 0
            }
        }
    }

    /// The attempt of a run that works on a file.
    struct Holder: Equatable, Sendable {
        let run: UInt64
        let attempt: UInt64
    }

    /// The outcomes that wait, oldest first.
    var waiting: [Group: Queue] = [:]
    /// Files that are not published.
    var unfinished: Set<UInt64> = []
    /// Who works on which of them.
    var inHand: [UInt64: Holder] = [:]
    /// Files whose acknowledgment is to come, by `number` and `group`.
    private var sent: [String: UInt64] = [:]
    /// Which alerts tell that a received file is not answered, or a file not acknowledged.
    var overdueAlerts: [UInt64: Set<UInt64>] = [:]

    static func number(_ sender: String, _ receiver: String, _ number: UInt64) -> String {
        "ISA \(sender) \(receiver) \(number)"
    }

    static func group(
        _ sender: String, _ receiver: String, _ functionalID: String, _ number: UInt64
    ) -> String {
        "GS \(sender) \(receiver) \(functionalID) \(number)"
    }

    /// The keys under which an acknowledgment finds a file.
    private static func keys(_ file: OutboundFileState) -> [String] {
        file.numbers.flatMap { range -> [String] in
            let parts = range.allocator.split(separator: "/", omittingEmptySubsequences: false)
            return (range.first..<range.first + range.count).compactMap { value in
                switch parts.first {
                case "ISA": number(file.sender, file.receiver, value)
                case "GS": group(file.sender, file.receiver, String(parts.last ?? ""), value)
                default: nil
                }
            }
        }
    }

    mutating func note(sent file: OutboundFileState) {
        for key in Self.keys(file) { sent[key] = file.file }
    }

    mutating func forget(sent file: OutboundFileState) {
        for key in Self.keys(file) where sent[key] == file.file { sent[key] = nil }
    }

    func file(_ key: String) -> UInt64? { sent[key] }
}

import Engine
import Events
import Foundation
import Projections
import X12

/// Makes outcomes of type 834 of a member file below `members/`: of all of it, or of what changed
/// since the file before.
///
/// Beside the member file, `members/_state/` remembers which content was told last, and what is
/// being told: a run that was killed is finished by the next one, with the same content and the
/// same names of outcomes, before it looks at the member file as it is now.
struct EnrollmentTask: Sendable {
    let engine: any ExchangeEngine
    let store: ExchangeStore
    let intake: OutcomeIntake

    private static let stateByteCountMax = 64 << 10

    /// What is remembered of a member file.
    private struct Memory: Codable, Sendable {
        /// How often something was told.
        var generation: UInt64 = 0
        /// The content that was told last, hex; empty for none.
        var sha256 = ""
        /// What is being told.
        var pending: Pending?
    }

    private struct Pending: Codable, Sendable {
        let sha256: String
        /// `full` or `delta`.
        let mode: String
        /// The day of what ends without one, CCYYMMDD.
        let date: String
    }

    /// What a target says.
    private struct Order: Sendable {
        let partner: String
        let members: String
        let mode: String
        let membersMax: Int
        let sponsor: X12Party
        let payer: X12Party
        let date: String

        init(_ delivery: Delivery) throws(ExchangeError) {
            let settings = Dictionary(
                delivery.binding.settings.map { ($0.name, $0.value) },
                uniquingKeysWith: { first, _ in first })
            func value(_ name: String) throws(ExchangeError) -> String {
                if let value = settings[name], !value.isEmpty { return value }
                throw ExchangeError(
                    "task", "the target says nothing of '\(name)'; correct it in targets.yaml")
            }
            func party(_ name: String) throws(ExchangeError) -> X12Party {
                var party = X12Party(name: try value(name + "Name"))
                party.qualifier = try value(name + "Qualifier")
                party.id = try value(name + "ID")
                return party
            }
            partner = try value("partner")
            members = try value("members")
            mode = try value("mode")
            membersMax = Int(try value("membersMax")) ?? 5_000
            sponsor = try party("sponsor")
            payer = try party("payer")
            date = delivery.businessDate.filter { $0 != "-" }
        }

        /// What the member file is called in names of ours.
        var memoryName: String { String(Digest.sha256(Array(members.utf8)).prefix(16)) }

        /// Where this member file's memory is.
        func memoryPath() throws(ExchangeError) -> ExchangePath {
            try ExchangePath("members/_state/\(partner)~\(memoryName).json")
        }
    }

    /// Tells what is to be told, and says what that was, as JSON.
    func run(_ delivery: Delivery) async throws -> String {
        let order = try Order(delivery)
        var memory = try await Blocking.run { try self.memory(order) }
        if memory.pending != nil {
            do {
                _ = try await finish(order, &memory)
            } catch let error as ExchangeError where error.code == "outcome" {
                // A bad file, of which nothing was told; it is told to people when it comes.
            }
        }
        let sha256 = try await Blocking.run { try self.keep(order) }
        if order.mode != "full" && sha256 == memory.sha256 {
            return Self.result(EnrollmentCounts(), taken: 0)
        }
        memory.pending = Pending(sha256: sha256, mode: order.mode, date: order.date)
        try await write(memory, order)
        return try await finish(order, &memory)
    }

    /// Tells what is pending.
    private func finish(_ order: Order, _ memory: inout Memory) async throws -> String {
        guard let pending = memory.pending else { return "{}" }
        let partner = try await partner(order.partner)
        let taken = TakenFile(
            partner: TakenFile.spool, key: TakenFile.randomKey(), source: .folder,
            originalName: "enrollment")
        guard intake.inHand.take(taken.key) else {
            throw ExchangeError("busy", "the outcomes of the members are being taken in")
        }
        defer { intake.inHand.giveBack(taken.key) }
        let path = try taken.path(in: OutcomeIntake.takenFolder)
        let before = memory
        let counts: EnrollmentCounts
        do {
            counts = try await Blocking.run {
                try self.make(order, pending, before, partner, to: path)
            }
        } catch let error as ExchangeError where error.code == "outcome" {
            // Nothing of it was told, nor ever will be: the next run takes the file as it is then.
            memory.pending = nil
            try await write(memory, order)
            throw error
        }
        var count = 0
        if counts.outcomeCount > 0 { count = try await intake.receive(taken).taken }
        let old = memory.sha256
        memory.generation += 1
        memory.sha256 = pending.sha256
        memory.pending = nil
        try await write(memory, order)
        if !old.isEmpty && old != memory.sha256 {
            let path = try Self.keptPath(old, order)
            try await Blocking.run { [store] in _ = try store.remove(path) }
        }
        return Self.result(counts, taken: count)
    }

    private static func result(_ counts: EnrollmentCounts, taken: Int) -> String {
        "{\"members\":\(counts.memberCount),\"added\":\(counts.addedCount),"
            + "\"changed\":\(counts.changedCount),\"terminated\":\(counts.terminatedCount),"
            + "\"outcomes\":\(counts.outcomeCount),\"taken\":\(taken)}"
    }

    private func partner(_ name: String) async throws -> PartnerDefinition {
        let key = ScheduleKey(ExchangeTenant.name, name)
        guard let partner = try await engine.read({ $0.exchange.partners[key]?.partner }) else {
            throw ExchangeError(
                "task", "there is no partner '\(name)'; define it, or correct the target")
        }
        return partner
    }

    /// Writes the outcomes into a file, which is there whole or not at all.
    private func make(
        _ order: Order, _ pending: Pending, _ memory: Memory, _ partner: PartnerDefinition,
        to path: ExchangePath
    ) throws(ExchangeError) -> EnrollmentCounts {
        let number = memory.generation + 1
        let enrollment = EnrollmentOrder(
            partner: order.partner,
            id: "members-\(order.memoryName)-\(number)-\(pending.sha256.prefix(8))",
            sponsor: order.sponsor, payer: order.payer, effectiveDate: pending.date,
            memberCountMax: order.membersMax,
            delimiters: try CompositionOrder.delimiters(partner.delimiters))
        let file = try IncomingFile(store, to: path)
        func give(_ line: [UInt8]) throws(ExchangeError) { try file.write(line + [0x0A]) }
        let counts: EnrollmentCounts
        let new = try lines(pending.sha256, order)
        if pending.mode == "full" {
            counts = try EnrollmentSnapshot.full(new, enrollment, give: give)
        } else {
            counts = try EnrollmentSnapshot.delta(
                from: { () throws(ExchangeError) in
                    memory.sha256.isEmpty
                        ? LineReader([]) : try self.lines(memory.sha256, order)
                }, to: new, enrollment, give: give)
        }
        if counts.outcomeCount > 0 { _ = try file.finish() }
        return counts
    }

    private func lines(_ sha256: String, _ order: Order) throws(ExchangeError) -> LineReader {
        let file = try store.open(try Self.keptPath(sha256, order))
        return LineReader { () throws(ExchangeError) in try file.nextChunk() ?? [] }
    }

    // MARK: kept

    /// Each target keeps its own copy: another one may be done with the same content.
    private static func keptPath(
        _ sha256: String, _ order: Order
    ) throws(ExchangeError) -> ExchangePath {
        try ExchangePath("members/_kept/\(order.partner)~\(order.memoryName)~\(sha256).jsonl")
    }

    /// Copies the member file as it is now; its SHA-256.
    private func keep(_ order: Order) throws(ExchangeError) -> String {
        let copy = try store.stage(
            try ExchangePath("members/\(order.members)"), into: "members"
        ) { _ in }
        try store.place(copy, at: try Self.keptPath(copy.sha256, order))
        return copy.sha256
    }

    private func memory(_ order: Order) throws -> Memory {
        let path = try order.memoryPath()
        guard try store.exists(path) else { return Memory() }
        let bytes = try store.read(path, byteCountMax: Self.stateByteCountMax)
        guard let memory = try? JSONDecoder().decode(Memory.self, from: Data(bytes)) else {
            throw ExchangeError(
                "task",
                "\(path) is not what this program wrote; bring it back from a copy, or remove it, "
                    + "and the next run tells all members anew")
        }
        return memory
    }

    private func write(_ memory: Memory, _ order: Order) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let bytes = [UInt8](try encoder.encode(memory)) + [0x0A]
        let path = try order.memoryPath()
        try await Blocking.run { [store] in try store.replace(path, bytes) }
    }
}

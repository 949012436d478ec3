import Exchange
import Testing
import X12

/// Member files: a delta, applied to the old file, gives the new one.
@Suite struct EnrollmentSnapshotTests {
    private static let order = EnrollmentOrder(
        partner: "CLINICA", id: "834-20250101",
        sponsor: X12Party(name: "DAYBOOK SPONSOR", qualifier: "FI", id: "999888777"),
        payer: X12Party(name: "DAYBOOK HEALTH PLAN", qualifier: "FI", id: "654456654"),
        effectiveDate: "20250101")

    /// A member whose id is NM109 too, so that an 834 tells it.
    private static func member(_ number: Int, _ random: inout Seeded) -> EnrollmentMember {
        let lines = ["HLT", "DEN", "VIS", "HLT"].filter { _ in random.next() % 2 == 0 }
        return EnrollmentMember(
            id: "M\(number)", isSubscriber: number % 3 == 0,
            relationship: number % 3 == 0 ? "18" : "19",
            employment: number % 3 == 0 ? "FT" : "", subscriberNumber: "S\(number - number % 3)",
            policy: random.next() % 2 == 0 ? "P\(random.next() % 2)" : nil,
            name: X12Party(name: "LAST", firstName: "FIRST", qualifier: "ZZ", id: "M\(number)"),
            address: random.next() % 4 == 0
                ? X12Address(street: "1 MAIN ST", city: "CAMP HILL", state: "PA", zip: "17011")
                : nil,
            birth: ("19800101", "F"),
            coverages: lines.map {
                .init(line: $0, begin: "20240101", end: random.next() % 4 == 0 ? "20241231" : nil)
            })
    }

    private static func file(_ members: [EnrollmentMember]) -> LineReader {
        LineReader(members.flatMap { $0.encoded() + [0x0A] })
    }

    private static func delta(
        _ old: [EnrollmentMember], _ new: [EnrollmentMember], _ order: EnrollmentOrder = order
    ) throws -> (EnrollmentCounts, [Outcome]) {
        var lines: [[UInt8]] = []
        let counts = try EnrollmentSnapshot.delta(
            from: { file(old) }, to: file(new), order, give: { lines.append($0) })
        return (counts, try read(lines))
    }

    private static func full(
        _ members: [EnrollmentMember], _ order: EnrollmentOrder = order
    ) throws -> (EnrollmentCounts, [Outcome]) {
        var lines: [[UInt8]] = []
        let counts = try EnrollmentSnapshot.full(
            file(members), order, give: { lines.append($0) })
        return (counts, try read(lines))
    }

    /// The outcomes of lines, read as those of a business system are.
    private static func read(_ lines: [[UInt8]]) throws -> [Outcome] {
        if lines.isEmpty { return [] }
        let bytes = Array(lines.joined(separator: [0x0A]))
        let entries = try OutcomeReader.entries(LineReader(bytes)) { _ in X12Delimiters() }
        return try entries.map {
            let place = Int($0.offset)..<Int($0.offset + $0.byteCount)
            return try Outcome(bytes[place], types: Outcome.businessTypes)
        }
    }

    private static func members(_ outcomes: [Outcome]) -> [Enrollment.Member] {
        outcomes.flatMap { outcome -> [Enrollment.Member] in
            guard case .enrollment(let enrollment) = outcome.body else { return [] }
            return enrollment.members
        }
    }

    /// What a receiver makes of a member that it is told of.
    private static func understood(_ member: Enrollment.Member) -> EnrollmentMember {
        EnrollmentMember(
            id: member.name.id, isSubscriber: member.isSubscriber,
            relationship: member.relationship, employment: member.employment,
            subscriberNumber: member.subscriberNumber, policy: member.policy, name: member.name,
            address: member.address, birth: member.birth,
            coverages: member.coverages.filter { $0.maintenance != "024" }.map {
                .init(line: $0.line, begin: $0.begin ?? "", end: $0.end)
            })
    }

    /// What a receiver has after changes; it fails on one that cannot be.
    private static func applied(
        _ changes: [Enrollment.Member], to old: [EnrollmentMember]
    ) throws -> [String: EnrollmentMember] {
        struct Impossible: Error { let id: String }
        var state = Dictionary(uniqueKeysWithValues: old.map { ($0.id, $0) })
        for change in changes {
            let before = state[change.name.id]
            switch change.maintenance.type {
            case "021" where before == nil: state[change.name.id] = understood(change)
            case "001":
                guard let before else { throw Impossible(id: change.name.id) }
                let had = Set(before.coverages.map(\.line))
                for coverage in change.coverages {
                    // An addition is of a line that was not there; all others are of one that was.
                    if had.contains(coverage.line) == (coverage.maintenance == "021") {
                        throw Impossible(id: change.name.id)
                    }
                }
                let told = Set(change.coverages.map(\.line))
                if !had.isSubset(of: told) { throw Impossible(id: change.name.id) }
                state[change.name.id] = understood(change)
            case "024" where before != nil: state[change.name.id] = nil
            default: throw Impossible(id: change.name.id)
            }
        }
        return state
    }

    @Test("a delta, applied to the old file, gives the new one, and holds no more than it must")
    func property() throws {
        for seed in UInt64(0)..<150 {
            var random = Seeded(seed)
            let count = Int(random.next() % 60)
            var old: [EnrollmentMember] = []
            var new: [EnrollmentMember] = []
            for number in 0..<count {
                // Subscribers stay where a dependent may be, so that no file is without one.
                let member = Self.member(number, &random)
                let fate = random.next() % 6
                if fate != 0 || number % 3 == 0 { old.append(member) }
                if fate == 1 {
                    new.append(Self.member(number, &random))
                } else if fate != 2 || number % 3 == 0 {
                    new.append(member)
                }
            }
            var order = Self.order
            order.memberCountMax = 1 + Int(random.next() % 7)
            let (counts, outcomes) = try Self.delta(old, new, order)
            let changes = Self.members(outcomes)
            let state = try Self.applied(changes, to: old)
            let wanted = Dictionary(uniqueKeysWithValues: new.map { ($0.id, $0) })
            #expect(state == wanted, "seed \(seed)")
            let before = Dictionary(uniqueKeysWithValues: old.map { ($0.id, $0) })
            let different = Set(before.keys).union(wanted.keys).filter { before[$0] != wanted[$0] }
            #expect(Set(changes.map(\.name.id)) == different, "seed \(seed)")
            #expect(changes.count == different.count && counts.memberCount == new.count)
            #expect(
                counts.addedCount + counts.changedCount + counts.terminatedCount == changes.count)
            #expect(counts.outcomeCount == outcomes.count)
            let sizes = outcomes.map { Self.members([$0]).count }
            #expect(sizes.allSatisfy { (1...order.memberCountMax).contains($0) })
            #expect(try Self.delta(new, new).1.isEmpty)
            let everyone = Self.members(try Self.full(new, order).1).map(Self.understood)
            #expect(everyone == new, "seed \(seed)")
        }
    }

    /// A file and the one after it, with changes of every kind.
    private static func scenario() -> (old: [EnrollmentMember], new: [EnrollmentMember]) {
        var random = Seeded(7)
        var old = (0..<6).map { Self.member($0, &random) }
        for index in old.indices { old[index].coverages = [.init(line: "HLT", begin: "20240101")] }
        old[3].coverages.append(.init(line: "VIS", begin: "20240101", end: "20240630"))
        var new = old
        new[0].coverages = [.init(line: "DEN", begin: "20250101")]
        new.remove(at: 3)
        new.removeAll { $0.subscriberNumber == "S3" }
        new.append(Self.member(9, &random))
        return (old, new)
    }

    /// What `ComposerTests` makes goldens of.
    static func goldens() throws -> [String: [Outcome]] {
        let (old, new) = scenario()
        return ["834-full": try full(new).1, "834-delta": try delta(old, new).1]
    }

    @Test("every change is told as it must be, and makes a good file")
    func changes() throws {
        let (old, new) = Self.scenario()
        let (counts, outcomes) = try Self.delta(old, new)
        #expect(counts.addedCount == 1 && counts.changedCount == 1 && counts.terminatedCount == 3)
        #expect(outcomes.map(\.id) == ["834-20250101-1"])
        let told = Self.members(outcomes)
        #expect(told.map(\.name.id) == ["M0", "M9", "M3", "M4", "M5"])
        #expect(told.map(\.maintenance.type) == ["001", "021", "024", "024", "024"])
        #expect(
            told[0].coverages == [
                .init(maintenance: "021", line: "DEN", begin: "20250101"),
                .init(maintenance: "024", line: "HLT", end: "20250101"),
            ])
        #expect(
            told[2].coverages == [
                .init(maintenance: "024", line: "HLT", begin: "20240101", end: "20250101"),
                .init(maintenance: "024", line: "VIS", begin: "20240101", end: "20240630"),
            ])
        let order = Samples.order(outcomes)
        let file = try InterchangeComposer.compose(order, outcomes)
        let findings = try CompositionCheck.findings(file.bytes, order, type: .enrollment)
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test("outcomes of a large file have 5,000 members at the most, and lines below 1 MiB")
    func large() throws {
        var random = Seeded(1)
        let members = (0..<12_000).map { Self.member(3 * $0, &random) }
        let (counts, outcomes) = try Self.full(members)
        #expect(counts.memberCount == 12_000 && counts.outcomeCount == outcomes.count)
        #expect(Self.members(outcomes).map(Self.understood) == members)
        let sizes = outcomes.map { $0.encoded().count }
        #expect(sizes.allSatisfy { $0 <= Outcome.byteCountMax })
        // No outcome but the last is closed before it is full.
        for (outcome, size) in zip(outcomes, sizes).dropLast() {
            #expect(Self.members([outcome]).count == 5_000 || size > Outcome.byteCountMax - 2_000)
        }
    }

    @Test("a bad line, an id that stands twice and a dependent before its subscriber are refused")
    func refused() throws {
        var random = Seeded(3)
        let good = (0..<3).map { Self.member($0, &random) }
        func message(_ old: [EnrollmentMember], _ new: [EnrollmentMember]) -> String {
            do {
                _ = try Self.delta(old, new)
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(message(good, good) == "")
        let twice = "line 4: field 'id': stood on a line before"
        #expect(message(good, good + [good[1]]).contains("the member file, \(twice)"))
        #expect(message([], good + [good[1]]).contains("the member file, \(twice)"))
        #expect(message(good + [good[1]], good).contains("the member file before, \(twice)"))
        #expect(message(good, [good[1]]).contains("is of no subscriber before"))
        var bad = good
        bad[2].birth = ("20250230", "F")
        #expect(message(good, bad).contains("the member file, line 3, field 'birth.date'"))
        bad = good
        bad[2].coverages = [.init(line: "XXX", begin: "20240101")]
        let unknown = message(good, bad)
        #expect(unknown.contains("line 3, field 'body'") && unknown.contains("segment HD"))
        #expect(!unknown.contains("XXX") && !unknown.contains("LAST"))
        var order = Self.order
        order.payer.qualifier = ""
        #expect(throws: ExchangeError.self) { try Self.full(good, order) }
        order = Self.order
        order.memberCountMax = 0
        #expect(throws: ExchangeError.self) { try Self.full(good, order) }
    }

    @Test("an old file that changes while it is read is noticed")
    func moved() throws {
        var random = Seeded(3)
        let old = (0..<3).map { Self.member($0, &random) }
        var opened = 0
        let error = #expect(throws: ExchangeError.self) {
            try EnrollmentSnapshot.delta(
                from: {
                    opened += 1
                    return Self.file(opened == 1 ? Array(old.dropLast()) : old)
                }, to: Self.file([]), Self.order, give: { _ in })
        }
        #expect(error?.message.contains("is not what it was") == true)
    }
}

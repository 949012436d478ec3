import Engine
import Events
import Projections
import Testing

/// Control numbers under a hand-moved clock: given out once, and every one accounted for.
@Suite struct ControlNumberTests {
    typealias Fixture = CoreFixture

    static let isa = "ISA/ZZ:US/ZZ:THEM"
    static let program = Authority(actor: "worker:outbound")

    static func wish(
        _ kind: NumberRequest.Kind = .interchange, count: UInt64 = 1, type: String = "277CA",
        receiver: String = "ZZ:THEM", file: String = ""
    ) throws -> NumberRequest {
        try NumberRequest(
            kind, sender: "ZZ:US", receiver: receiver, group: "HN", partner: "THEM",
            transactionType: type, file: file, count: count)
    }

    static func fixture(
        _ change: (inout ControlNumberRules) -> Void = { _ in }
    ) throws -> Fixture {
        var settings = DecisionSettings()
        change(&settings.controlNumbers)
        return try Fixture(settings: settings)
    }

    @discardableResult
    static func issue(
        _ fixture: inout Fixture, _ wishes: NumberRequest..., request: String = ""
    ) throws -> [IssuedNumbers] {
        let who = Authority(actor: "worker:outbound", request: request)
        return try fixture.handle(.control(.issue(wishes, who), tenant: "default")).numbers
    }

    static func act(_ fixture: inout Fixture, _ command: ControlNumberCommand) throws -> Reply {
        try fixture.handle(.control(command, tenant: "default"))
    }

    static func range(
        _ first: UInt64, _ count: UInt64 = 1, generation: UInt64 = 0
    ) -> [IssuedNumbers] {
        [IssuedNumbers(allocator: isa, generation: generation, first: first, count: count)]
    }

    static func allocator(_ fixture: Fixture, _ name: String = isa) throws -> ControlAllocatorState
    {
        let all = fixture.core.state.control.allocators(partner: "", transactionType: "")
        return try #require(all.first { $0.name == name })
    }

    static func gaps(_ fixture: Fixture) -> [ControlGap] {
        ControlGapQuery(now: fixture.now, persistWithin: 600_000_000)
            .gaps(in: fixture.core.state.control)
    }

    static func alerts(_ fixture: Fixture, _ kind: String) -> [AlertState] {
        fixture.core.state.openAlerts.filter { $0.kind == kind }
    }

    /// Expects a refusal with a code.
    static func refused<Answer>(
        _ code: Rejection.Code, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () throws -> Answer
    ) {
        let error = #expect(throws: Rejection.self, sourceLocation: sourceLocation) {
            _ = try body()
        }
        #expect(error?.code == code, sourceLocation: sourceLocation)
    }

    @Test("one decision gives out all the numbers of a file, from 1 on, and ST in a block")
    func file() throws {
        var fixture = try Self.fixture()
        let numbers = try Self.issue(
            &fixture, Self.wish(), Self.wish(.group), Self.wish(.set, count: 3))
        #expect(
            numbers.map(\.allocator)
                == [Self.isa, "GS/ZZ:US/ZZ:THEM/HN", "ST/THEM/277CA"])
        #expect(numbers.map(\.first) == [1, 1, 1] && numbers.map(\.count) == [1, 1, 3])
        #expect(numbers.map(\.item) == [0, 1, 2] && numbers.allSatisfy { $0.generation == 1 })
        // Another type shares the interchange's allocator, and has its own for sets.
        let other = try Self.issue(
            &fixture, Self.wish(type: "999"), Self.wish(.set, type: "999"))
        #expect(other.map(\.first) == [2, 1])
        #expect(try Self.allocator(fixture).uses.map(\.transactionType) == ["277CA", "999"])
        let restarted = try fixture.restarted(after: 1_000_000)
        var again = restarted
        #expect(try Self.issue(&again, Self.wish()).map(\.first) == [3])
    }

    @Test("the same request key gets the same numbers, and no others, for a day")
    func requestKey() throws {
        var fixture = try Self.fixture()
        let wishes = [try Self.wish(), try Self.wish(.set, count: 2)]
        let first = try Self.issue(&fixture, wishes[0], wishes[1], request: "file-1")
        let second = try Self.issue(&fixture, wishes[0], wishes[1], request: "file-2")
        #expect(first != second)
        var restarted = try fixture.restarted(after: 1_000_000)
        let count = restarted.records.count
        #expect(try Self.issue(&restarted, wishes[0], wishes[1], request: "file-1") == first)
        #expect(restarted.records.count == count)
        Self.refused(.conflict) {
            try Self.issue(&restarted, wishes[0], request: "file-1")
        }
        restarted.now += ControlRequests.age
        let later = try Self.issue(&restarted, wishes[0], wishes[1], request: "file-1")
        #expect(later.map(\.first) == [3, 5])
    }

    @Test("what was written leaves memory; what failed or was left stays, with its cause")
    func outcomes() throws {
        var fixture = try Self.fixture()
        try Self.issue(&fixture, Self.wish(count: 10, file: "a.edi"))
        _ = try Self.act(&fixture, .persist(Self.range(1, 4), file: "a.edi", Self.program))
        _ = try Self.act(&fixture, .fail(Self.range(6, 2), reason: "bad", Self.program))
        #expect(Self.gaps(fixture).map(\.first) == [6])
        var place = try Self.allocator(fixture)
        #expect((place.persisted, place.open, place.missing) == (4, 4, 2))
        // Once more changes nothing.
        let count = fixture.records.count
        _ = try Self.act(&fixture, .persist(Self.range(1, 4), file: "a.edi", Self.program))
        _ = try Self.act(&fixture, .fail(Self.range(6, 2), reason: "bad", Self.program))
        #expect(fixture.records.count == count)
        Self.refused(.conflict) {
            try Self.act(&fixture, .fail(Self.range(4, 2), reason: "bad", Self.program))
        }
        Self.refused(.conflict) {
            try Self.act(&fixture, .persist(Self.range(10, 2), file: "", Self.program))
        }
        Self.refused(.notFound) {
            try Self.act(&fixture, .persist(Self.range(1, generation: 2), file: "", Self.program))
        }
        // After ten minutes those that nobody spoke of are missing, too.
        try fixture.advance(minutes: 10)
        let gap = try #require(Self.gaps(fixture).first)
        #expect((gap.first, gap.count, gap.status) == (5, 6, .mixed))
        #expect(gap.severity == .critical && gap.reasons == ["bad"] && gap.files == ["a.edi"])
        // A file that is found after all closes its part of the gap.
        _ = try Self.act(&fixture, .persist(Self.range(5, 6), file: "a.edi", Self.program))
        #expect(Self.gaps(fixture).isEmpty)
        place = try Self.allocator(fixture)
        #expect((place.persisted, place.open, place.missing) == (10, 0, 0))
        #expect(fixture.core.state.control.pages.count == 0)
    }

    @Test("an explanation needs a ticket and a reason, and says by whom")
    func explained() throws {
        var fixture = try Self.fixture()
        try Self.issue(&fixture, Self.wish(count: 3))
        _ = try Self.act(&fixture, .fail(Self.range(1, 3), reason: "bad", Self.program))
        for (who, reason) in [(Self.program, "why"), (Fixture.who, "")] {
            Self.refused(.invalid) {
                try Self.act(&fixture, .explain(Self.range(1, 3), reason: reason, who))
            }
        }
        _ = try Self.act(
            &fixture, .explain(Self.range(1, 2), reason: "stopped by hand", Fixture.who))
        let gaps = Self.gaps(fixture)
        #expect(gaps.map(\.status) == [.explained, .failed])
        #expect(gaps.first?.explainedBy == "user:test" && gaps.first?.ticket == "CHG-1")
        #expect(gaps.first?.explanation == "stopped by hand")
    }

    @Test("a moderate or critical gap is told within fifteen minutes, a minor one is not")
    func gapAlerts() throws {
        var fixture = try Self.fixture()
        try Self.issue(&fixture, Self.wish(count: 1))
        try Self.issue(&fixture, Self.wish(count: 6, receiver: "ZZ:B"))
        try Self.issue(&fixture, Self.wish(count: 9, receiver: "ZZ:C"))
        let other = IssuedNumbers(allocator: "ISA/ZZ:US/ZZ:C", generation: 0, first: 4, count: 2)
        _ = try Self.act(&fixture, .fail([other], reason: "no room", Self.program))
        try fixture.advance(minutes: 2)
        let moderate = Self.alerts(fixture, "controlNumberGap")
        #expect(moderate.map(\.severity) == ["medium"])
        #expect(moderate.first?.message.contains("no room") == true)
        try fixture.advance(minutes: 12)
        let told = Self.alerts(fixture, "controlNumberGap")
        #expect(told.count == 2 && told.allSatisfy { $0.severity == "critical" })
        // Nothing new, nothing told again.
        fixture.forget()
        try fixture.advance(minutes: 120)
        #expect(fixture.all(AlertRaised.self).isEmpty)
        for name in ["ISA/ZZ:US/ZZ:B", "ISA/ZZ:US/ZZ:C"] {
            let range = IssuedNumbers(allocator: name, generation: 1, first: 1, count: 6)
            _ = try Self.act(
                &fixture, .explain([range], reason: "known", Fixture.who))
        }
        try fixture.advance(minutes: 1)
        #expect(Self.alerts(fixture, "controlNumberGap").map(\.severity) == ["medium"])
        #expect(Self.alerts(fixture, "controlNumberSync").isEmpty)
    }

    @Test("warnings at 90 and 95 percent say how long the rest lasts; the end is refused")
    func rollover() throws {
        var fixture = try Self.fixture { $0.max = 1_000 }
        try Self.issue(&fixture, Self.wish(count: 889))
        #expect(Self.alerts(fixture, "controlNumberLimit").isEmpty)
        try fixture.advance(minutes: 9 * 1_440)
        try Self.issue(&fixture, Self.wish(count: 11))
        let near = try #require(fixture.all(ControlAllocatorNearLimit.self).last)
        #expect((near.percent, near.remaining, near.perDay, near.daysLeft) == (90, 100, 90, 1))
        #expect(Self.alerts(fixture, "controlNumberLimit").map(\.severity) == ["medium"])
        try Self.issue(&fixture, Self.wish(count: 60))
        #expect(Self.alerts(fixture, "controlNumberLimit").map(\.severity) == ["high"])
        try Self.issue(&fixture, Self.wish(count: 39))
        // The file is refused whole: nothing of it is given out.
        let before = fixture.all(ControlNumbersIssued.self).count
        try Self.issue(&fixture, Self.wish(.set), Self.wish(count: 2))
        #expect(fixture.refusal?.code == .rolloverRequired)
        #expect(fixture.all(ControlNumbersIssued.self).count == before)
        let alert = try #require(Self.alerts(fixture, "ROLLOVER_REQUIRED").first)
        #expect(alert.severity == "critical" && alert.subject == Self.isa)
        // The second refusal raises no second alert.
        Self.refused(.rolloverRequired) {
            try Self.issue(&fixture, Self.wish(count: 2))
        }
        #expect(try Self.issue(&fixture, Self.wish()).map(\.first) == [1_000])
        Self.refused(.rolloverRequired) {
            try Self.issue(&fixture, Self.wish())
        }
        for (who, reason) in [(Self.program, "agreed"), (Fixture.who, "")] {
            Self.refused(.invalid) {
                try Self.act(
                    &fixture, .reset(allocator: Self.isa, next: 1, reason: reason, who))
            }
        }
        _ = try Self.act(
            &fixture, .reset(allocator: Self.isa, next: 0, reason: "agreed", Fixture.who))
        #expect(Self.alerts(fixture, "ROLLOVER_REQUIRED").isEmpty)
        #expect(Self.alerts(fixture, "controlNumberLimit").isEmpty)
        let numbers = try Self.issue(&fixture, Self.wish())
        #expect(numbers.map(\.first) == [1] && numbers.map(\.generation) == [2])
        #expect(try Self.allocator(fixture).bounds(of: 1) == 1..<1_001)
    }

    @Test("a range that begins high is reckoned from its first number, and a reset stays in it")
    func highRange() throws {
        var fixture = try Self.fixture {
            $0.start = 901
            $0.max = 1_000
        }
        try Self.issue(&fixture, Self.wish(count: 89))
        #expect(Self.alerts(fixture, "controlNumberLimit").isEmpty)
        try Self.issue(&fixture, Self.wish())
        let near = try #require(fixture.all(ControlAllocatorNearLimit.self).last)
        #expect(near.percent == 90 && near.last == 990 && near.remaining == 10)
        let alert = try #require(Self.alerts(fixture, "controlNumberLimit").first)
        #expect(alert.message.contains("90 % of 901 to 1000"))
        for next: UInt64 in [5, 900, 1_001] {
            Self.refused(.invalid) {
                try Self.act(
                    &fixture, .reset(allocator: Self.isa, next: next, reason: "r", Fixture.who))
            }
        }
        _ = try Self.act(
            &fixture, .reset(allocator: Self.isa, next: 901, reason: "agreed", Fixture.who))
        #expect(try Self.issue(&fixture, Self.wish()).map(\.first) == [901])
    }

    @Test("an allocator that wraps goes on at its start, in the midst of a block too")
    func wrap() throws {
        var fixture = try Self.fixture { rules in
            rules.start = 10
            var small = ControlNumberRules.Exception(pattern: "ISA/*/ZZ:TH*")
            small.max = 29
            small.wraps = true
            rules.exceptions = [small]
        }
        #expect(try Self.issue(&fixture, Self.wish(count: 15)).map(\.first) == [10])
        let numbers = try Self.issue(&fixture, Self.wish(count: 8))
        #expect(numbers.map(\.first) == [25, 10] && numbers.map(\.count) == [5, 3])
        #expect(numbers.map(\.generation) == [1, 2] && numbers.map(\.item) == [0, 0])
        #expect(fixture.all(ControlAllocatorWrapped.self).count == 1)
        // An open number of the generation before is told from its namesake.
        _ = try Self.act(
            &fixture, .fail(Self.range(10, generation: 1), reason: "x", Self.program))
        let place = fixture.core.state.control
        let number = try Self.allocator(fixture).allocator
        #expect(place.range(of: 10, allocator: number, generation: 1)?.isOpen == false)
        #expect(place.range(of: 10, allocator: number, generation: 2)?.isOpen == true)
        // More than two generations hold; the first refusal is a decision, for its alert.
        try Self.issue(&fixture, Self.wish(count: 90))
        #expect(fixture.refusal?.code == .rolloverRequired)
    }

    @Test("after records were lost, every allocator passes what they may have given out")
    func loss() throws {
        var fixture = try Self.fixture { $0.lossSkip = 100 }
        try Self.issue(&fixture, Self.wish(count: 5))
        var lost = LossAccepted()
        lost.ordinal = 1
        var after = try fixture.restarted(after: 1_000_000, with: lost)
        #expect(try Self.issue(&after, Self.wish()).map(\.first) == [106])
        // An allocator that the lost part may have created begins after as many.
        let new = try Self.issue(&after, Self.wish(receiver: "ZZ:NEW"))
        #expect(new.map(\.first) == [101])
        let gaps = Self.gaps(after).filter { $0.status == .explained }
        #expect(gaps.map(\.count) == [100, 100])
        #expect(gaps.allSatisfy { $0.explanation.contains("lost") && $0.explainedBy == "engine" })
        // Once for each loss, not at each start.
        var again = try after.restarted(after: 1_000_000)
        #expect(try Self.issue(&again, Self.wish()).map(\.first) == [107])
    }

    @Test("a file is sent again only under numbers that were persisted")
    func resend() throws {
        var fixture = try Self.fixture()
        try Self.issue(&fixture, Self.wish(count: 2))
        let reply = try Self.act(&fixture, .persist(Self.range(1), file: "a", Self.program))
        #expect(reply.message == "1 number is persisted")
        _ = try Self.act(
            &fixture, .resend(Self.range(1), file: "a", reason: "lost there", Fixture.who))
        #expect(fixture.all(ControlNumbersResent.self).map(\.first) == [1])
        Self.refused(.conflict) {
            try Self.act(
                &fixture, .resend(Self.range(1, 2), file: "a", reason: "x", Fixture.who))
        }
        #expect(try Self.issue(&fixture, Self.wish()).map(\.first) == [3])
    }

    @Test("a request key that is asked again for another file is refused, not answered for it")
    func otherFile() throws {
        var fixture = try Self.fixture()
        let wish = try Self.wish(file: "a.edi")
        let first = try Self.issue(&fixture, wish, request: "k")
        let count = fixture.records.count
        Self.refused(.conflict) {
            try Self.issue(&fixture, Self.wish(file: "b.edi"), request: "k")
        }
        Self.refused(.conflict) { try Self.issue(&fixture, Self.wish(), request: "k") }
        #expect(try Self.issue(&fixture, wish, request: "k") == first)
        #expect(fixture.records.count == count)
    }

    @Test("wishes that name too little or too much are refused, by the field")
    func wishes() throws {
        let bad: [(String, () throws -> NumberRequest)] = [
            ("count", { try Self.wish(count: 0) }),
            ("count", { try Self.wish(count: NumberRequest.countMax + 1) }),
            ("type", { try Self.wish(type: "") }), ("type", { try Self.wish(type: "999X") }),
            ("type", { try Self.wish(type: "277ca") }), ("type", { try Self.wish(type: "8201") }),
            ("receiver", { try Self.wish(receiver: " THEM") }),
            ("file", { try Self.wish(file: String(repeating: "x", count: 257)) }),
        ]
        for (field, make) in bad {
            let error = #expect(throws: Rejection.self) { try make() }
            #expect(error?.message.contains("'\(field)'") == true)
        }
        #expect(try Self.wish(receiver: "A/B%").allocator == "ISA/ZZ:US/A%2FB%25")
        for type in ["TA1", "837P", "820"] {
            #expect(try Self.wish(.set, type: type).allocator == "ST/THEM/\(type)")
        }
        var fixture = try Self.fixture()
        let count = fixture.records.count
        #expect(throws: Rejection.self) {
            try Self.act(&fixture, .issue([], Self.program))
        }
        #expect(fixture.records.count == count)
    }

    @Test("no number is given out while the engine stops or the disk is full; outcomes are taken")
    func refused() throws {
        var fixture = try Self.fixture()
        try Self.issue(&fixture, Self.wish(count: 3))
        try fixture.handle(.spaceChanged(space: "full", free: 1, wanted: 2))
        Self.refused(.diskFull) {
            try Self.issue(&fixture, Self.wish())
        }
        _ = try Self.act(&fixture, .persist(Self.range(1), file: "", Self.program))
        try fixture.handle(.drain)
        Self.refused(.stopping) {
            try Self.issue(&fixture, Self.wish())
        }
        _ = try Self.act(&fixture, .persist(Self.range(2), file: "", Self.program))
    }
}

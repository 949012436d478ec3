import DaybookTestSupport
import Engine
import Events
import Exchange
import Projections
import Testing
import X12

/// The daily look for duplicates, the scheduled 834, and the care of old files.
@Suite struct ExchangeTaskTests {
    private static let partner = InboundWorld.partner("CLINICA")
    private static let day: Int64 = 86_400_000_000

    static func delivery(
        _ task: String, _ settings: [KeyValue] = [], businessDate: String = "2026-03-02"
    ) -> Delivery {
        var binding = TargetBinding()
        binding.name = task
        binding.kind = "exchange"
        binding.command = [task]
        binding.settings = settings
        return Delivery(
            tenant: "default", jobId: task, run: 1, attempt: 1, execution: 1, runKey: "key",
            scheduled: "", businessDate: businessDate, environmentName: "", binding: binding,
            parameters: [], callbackToken: "", callbackURL: "", logIdentity: "")
    }

    static func result(
        _ service: ExchangeService, _ delivery: Delivery
    ) async throws -> String {
        let outcome = await service.tasks.deliver(delivery)
        guard case .succeeded(let completion) = outcome else {
            Issue.record("\(outcome)")
            return ""
        }
        return completion.resultJSON
    }

    @Test("a sweep finds files that were put there by hand, once, and leaves what receipt saw")
    func sweep() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let service = try InboundWorld.service(world)
            let bytes = InboundWorld.inquiry(7, from: "CLINICA")
            for name in ["1", "2"] {
                try InboundWorld.drop(bytes, world.root, partner: "CLINICA", name: name)
                await service.pass()
            }
            let sweep = Self.delivery("sweep")
            #expect(
                try await Self.result(service, sweep)
                    == #"{"files":1,"interchanges":1,"unrecorded":0,"duplicates":0}"#)
            // Somebody copies a file with the same number there, past the engine.
            let other = InboundWorld.inquiry(7, from: "CLINICA", groups: 2)
            try InboundWorld.write(
                other, world.root + "/received/partner=CLINICA/date=2026-03-02",
                Digests.sha256(other) + ".edi")
            for _ in 0..<2 {
                #expect(
                    try await Self.result(service, sweep)
                        == #"{"files":2,"interchanges":2,"unrecorded":1,"duplicates":1}"#)
            }
            let swept = try await InboundWorld.events(world, DuplicateFound.self).filter {
                $0.finder == "sweep"
            }
            #expect(swept.count == 1 && swept.first?.controlNumber == "000000007")
            #expect(swept.first?.ingestion == 0 && swept.first?.original != 0)
            try await world.verify()
        }
    }

    @Test("a sweep finds content and numbers that come again after their keys have expired")
    func expired() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let bytes = InboundWorld.inquiry(7, from: "CLINICA")
            try InboundWorld.drop(bytes, world.root, partner: "CLINICA")
            await (try InboundWorld.service(world)).pass()
            // 31 days later the engine knows of it no more.
            await world.pass(seconds: 31 * 86_400)
            let later = try InboundWorld.service(world, at: InboundWorld.time + 31 * Self.day)
            try InboundWorld.drop(bytes, world.root, partner: "CLINICA")
            await later.pass()
            #expect(try await InboundWorld.events(world, DuplicateFound.self).isEmpty)
            #expect(
                try await Self.result(later, Self.delivery("sweep"))
                    == #"{"files":1,"interchanges":1,"unrecorded":0,"duplicates":1}"#)
            let found = try await InboundWorld.events(world, DuplicateFound.self)
            #expect(found.map(\.kind) == ["content"] && found.first?.ingestion != 0)
            try await world.verify()
        }
    }

    @Test("a sweep compares every interchange of older files, but for those that were rejected")
    func allInterchanges() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let first = try InboundWorld.service(world)
            // Two that are accepted, one of another sender; a file of which nothing is accepted.
            let older =
                InboundWorld.inquiry(7, from: "CLINICA") + InboundWorld.inquiry(8, from: "CLINICA")
                + InboundWorld.inquiry(9, from: "NOBODY")
            let rejected = InboundWorld.inquiry(10, from: "NOBODY")
            for (name, bytes) in [("1", older), ("2", rejected)] {
                try InboundWorld.drop(bytes, world.root, partner: "CLINICA", name: name)
                await first.pass()
            }
            await world.pass(seconds: 31 * 86_400)
            let later = try InboundWorld.service(world, at: InboundWorld.time + 31 * Self.day)
            let again = InboundWorld.inquiry(8, from: "CLINICA", groups: 2)
            let other = InboundWorld.inquiry(9, from: "CLINICA")
            for (name, bytes) in [("3", again), ("4", rejected), ("5", other)] {
                try InboundWorld.drop(bytes, world.root, partner: "CLINICA", name: name)
                await later.pass()
            }
            let sweep = Self.delivery("sweep")
            #expect(
                try await Self.result(later, sweep)
                    == #"{"files":3,"interchanges":2,"unrecorded":0,"duplicates":1}"#)
            let found = try await InboundWorld.events(world, DuplicateFound.self)
            #expect(found.map(\.controlNumber) == ["000000008"])
            // Without the sidecars' list the files themselves are read.
            for (path, bytes) in filesOnDisk(world.root) where path.hasSuffix(".edi.json") {
                let text = String(decoding: bytes, as: UTF8.self)
                let short = text.replacing(/"accepted":\[[^\]]*\],/, with: "")
                try InboundWorld.write(Array(short.utf8), world.root, path)
            }
            #expect(
                try await Self.result(later, sweep)
                    == #"{"files":3,"interchanges":2,"unrecorded":0,"duplicates":2}"#)
            try await world.verify()
        }
    }

    static func members(_ numbers: [Int], _ root: String) throws {
        let lines = numbers.flatMap { number in
            EnrollmentMember(
                id: "M\(number)", isSubscriber: true, relationship: "18", employment: "FT",
                subscriberNumber: "S\(number)",
                name: X12Party(
                    name: "LAST", firstName: "FIRST", qualifier: "ZZ", id: "M\(number)"),
                birth: ("19800101", "F"), coverages: [.init(line: "HLT", begin: "20260101")]
            ).encoded() + [0x0A]
        }
        try InboundWorld.write(lines, root + "/members", "plan.jsonl")
    }

    static let enrollment = [
        KeyValue("members", "plan.jsonl"), KeyValue("membersMax", "5000"),
        KeyValue("mode", "delta"), KeyValue("partner", "CLINICA"),
        KeyValue("payerID", "123456789"), KeyValue("payerName", "PAYER"),
        KeyValue("payerQualifier", "FI"), KeyValue("sponsorID", "987654321"),
        KeyValue("sponsorName", "SPONSOR"), KeyValue("sponsorQualifier", "FI"),
    ]

    @Test("a member file is told as what changed; unchanged it is told not at all")
    func enroll() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            let service = try InboundWorld.service(world)
            let enroll = Self.delivery("enroll", Self.enrollment)
            try Self.members([1, 2, 3], world.root)
            #expect(
                try await Self.result(service, enroll).contains(
                    #""added":3,"changed":0,"terminated":0,"outcomes":1,"taken":1"#))
            #expect(try await Self.result(service, enroll).contains(#""outcomes":0,"taken":0"#))
            try Self.members([1, 3, 4], world.root)
            #expect(
                try await Self.result(service, enroll).contains(
                    #""added":1,"changed":0,"terminated":1,"outcomes":1,"taken":1"#))
            let outcomes = try await InboundWorld.events(world, OutcomeReceived.self)
            #expect(outcomes.map(\.transactionType) == ["834", "834"])
            #expect(Set(outcomes.map(\.outcomeId)).count == 2)
            // One copy of what was told last is kept.
            #expect(InboundWorld.files(world.root, below: "members/_kept").count == 1)
            try await world.verify()
        }
    }

    @Test("killed at any one step, the scheduled 834 is told once")
    func enrollEveryStep() async throws {
        let count = try await enroll(dyingAt: .max)
        #expect(count > 10)
        for step in 1...count { _ = try await enroll(dyingAt: step) }
    }

    private func enroll(dyingAt step: Int) async throws -> Int {
        try await TemporaryFolder.with { folder in
            let comment: Comment = "killed at step \(step)"
            let world = try await InboundWorld.world(folder, [Self.partner])
            let enroll = Self.delivery("enroll", Self.enrollment)
            try Self.members([1, 2, 3], world.root)
            world.fate.begin(dyingAt: step)
            do {
                _ = await (try InboundWorld.service(world)).tasks.deliver(enroll)
            } catch is ExchangeError {
                #expect(world.fate.isDead, comment)
            }
            let count = world.fate.stepCount
            try await world.begin()
            // Meanwhile the member file is another one.
            try Self.members([2, 3, 4], world.root)
            let service = try InboundWorld.service(world)
            await service.pass()
            _ = try await Self.result(service, enroll)
            await service.pass()
            var told: Set<String> = []
            let store = try ExchangeStore(root: world.root, cipher: nil)
            for outcome in try await InboundWorld.events(world, OutcomeReceived.self) {
                let file = try store.open(try ExchangePath(outcome.path))
                let line = try file.read(
                    at: Int(outcome.offset), byteCount: Int(outcome.byteCount))
                guard
                    case .enrollment(let enrollment) = try Outcome(
                        line[...], types: Outcome.businessTypes
                    ).body
                else { continue }
                for member in enrollment.members {
                    // What a receiver makes of it: 021 adds, 024 takes away.
                    if member.maintenance.type == "024" {
                        #expect(told.remove(member.name.id) != nil, comment)
                    } else {
                        #expect(told.insert(member.name.id).inserted, comment)
                    }
                }
            }
            #expect(told == ["M2", "M3", "M4"], comment)
            try await world.verify()
            return count
        }
    }

    @Test("old files go to other tiers, each told first; a legal hold keeps them from deletion")
    func tidy() async throws {
        try await TemporaryFolder.with { folder in
            let world = try await InboundWorld.world(folder, [Self.partner])
            try InboundWorld.drop(
                InboundWorld.inquiry(7, from: "CLINICA"), world.root, partner: "CLINICA")
            await (try InboundWorld.service(world)).pass()
            let path = try #require(
                try await InboundWorld.events(world, FileReceived.self).first?.path)
            func tidy(afterDays days: Int64) async throws -> String {
                let service = try InboundWorld.service(
                    world, at: InboundWorld.time + days * Self.day)
                return try await Self.result(service, Self.delivery("tidy"))
            }
            #expect(try await tidy(afterDays: 90) == #"{"moved":0,"deleted":0,"held":0}"#)
            #expect(try await tidy(afterDays: 91).hasPrefix(#"{"moved":2"#))
            #expect(filesOnDisk(world.root)["cool/" + path] != nil)
            var hold = LegalHoldPlaced()
            hold.name = "audit"
            hold.partner = "CLINICA"
            hold.reason = "audit"
            try await world.decide(
                .exchange(.placeHold(hold, OutboundWorld.who), tenant: "default"))
            #expect(try await tidy(afterDays: 3_000).contains(#""deleted":0"#))
            #expect(filesOnDisk(world.root)["archive/" + path] != nil)
            try await world.decide(
                .exchange(
                    .releaseHold("audit", reason: "over", OutboundWorld.who), tenant: "default"))
            #expect(try await tidy(afterDays: 3_000).contains(#""deleted":2"#))
            #expect(filesOnDisk(world.root).keys.allSatisfy { !$0.contains("received/") })
            let moved = try await InboundWorld.events(world, FileMoved.self).filter {
                $0.path.contains("received/")
            }
            #expect(moved.map(\.tier) == ["cool", "archive", "deleted"])
            try await world.verify()
        }
    }
}

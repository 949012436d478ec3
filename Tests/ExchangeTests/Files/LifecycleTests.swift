import DaybookTestSupport
import Events
import Exchange
import Glibc
import Testing
import Timetable

@Suite("The ages of kept files") struct LifecycleTests {
    private static let today = CivilDate(daysSinceEpoch: 25_000)

    private func settings(_ deleteDays: Int = 2_557) throws -> LifecycleSettings {
        try LifecycleSettings(hotDays: 90, archiveDays: 365, deleteDays: deleteDays)
    }

    private func path(
        age: Int, partner: String = "ACME", name: String = "a"
    ) throws -> ExchangePath {
        let date = Self.today.adding(days: -age)
        return try ExchangePath("received/partner=\(partner)/date=\(date)/\(name).edi")
    }

    private func act(
        _ path: ExchangePath, _ holds: LegalHold..., deleteDays: Int = 2_557
    ) throws -> Lifecycle.Act? {
        Lifecycle.act(
            for: path, settings: try settings(deleteDays), holds: holds, today: Self.today)
    }

    private func hold(
        partner: String = "", from: String = "", through: String = ""
    ) throws -> LegalHold {
        try LegalHold(name: "case-1", partner: partner, from: from, through: through)
    }

    @Test("a file is kept for its days to the last, and goes on the next")
    func bounds() throws {
        #expect(try act(path(age: 90)) == nil)
        #expect(try act(path(age: 91)) == .move(.cool))
        #expect(try act(path(age: 365).inTier(.cool)) == nil)
        #expect(try act(path(age: 366).inTier(.cool)) == .move(.archive))
        #expect(try act(path(age: 366)) == .move(.archive))
        #expect(try act(path(age: 2_557).inTier(.archive)) == nil)
        #expect(try act(path(age: 2_558).inTier(.archive)) == .delete)
        #expect(try act(path(age: 2_558)) == .delete)
        #expect(try act(path(age: 9_999).inTier(.archive), deleteDays: 0) == nil)
        // Never back, and nothing of the future.
        #expect(try act(path(age: 1).inTier(.archive)) == nil)
        #expect(try act(path(age: -400)) == nil)
    }

    @Test("a held file moves, and is not deleted")
    func holds() throws {
        let old = try path(age: 3_000)
        let date = "\(Self.today.adding(days: -3_000))"
        #expect(try act(old, hold()) == .move(.archive))
        #expect(try act(old.inTier(.archive), hold()) == nil)
        #expect(try act(old, hold(partner: "ACME", from: date, through: date)) == .move(.archive))
        #expect(try act(old, hold(partner: "OTHER")) == .delete)
        #expect(try act(old, hold(through: "\(Self.today.adding(days: -3_001))")) == .delete)
        #expect(try act(old, hold(from: "\(Self.today.adding(days: -2_999))")) == .delete)
        // Outcomes may be any partner's.
        let outcomes = try ExchangePath("outcomes/date=\(date)/a.jsonl")
        #expect(try act(outcomes, hold(partner: "OTHER")) == .move(.archive))
        #expect(errorCode { _ = try hold(from: "2026-02-30") } == "hold")
        #expect(errorCode { _ = try hold(from: "2026-02-02", through: "2026-02-01") } == "hold")
    }

    @Test("what says no day, or is others', stays")
    func undated() throws {
        for text in [
            "inbound/partner=A/date=1999-01-01/a.edi", "spool/date=1999-01-01/a", "members/a.json",
            "received/partner=A/date=1999-13-01/a.edi", "outbound/_quarantine/a.edi",
        ] {
            #expect(try act(try ExchangePath(text)) == nil)
        }
        let aside = "outbound/_quarantine/A_271_000000001_20100314T092653Z.edi"
        #expect(try act(try ExchangePath(aside)) == .delete)
    }

    @Test("no settings delete before seven years, or turn the tiers round")
    func settingsChecked() throws {
        for (hot, archive, delete) in [
            (0, 365, 0), (90, 89, 0), (90, 365, 2_556), (90, 365, 1), (90, 365, -1),
            (90, 3_000, 2_999), (90, 40_000, 0), (90, 365, 40_000),
        ] {
            #expect(
                errorCode {
                    _ = try LifecycleSettings(
                        hotDays: hot, archiveDays: archive, deleteDays: delete)
                } == "lifecycle")
        }
    }

    /// A folder with files of random ages in random tiers, some with sidecars.
    private func fill(_ store: ExchangeStore, _ random: inout FileRandom) throws -> [ExchangePath] {
        var files: [PendingFile] = []
        for number in 0..<25 {
            let age =
                [5, 90, 91, 200, 365, 366, 1_000, 2_557, 2_558, 4_000]
                .randomElement(using: &random) ?? 0
            let partner = ["ACME", "OTHER"].randomElement(using: &random) ?? ""
            let tier = ExchangeTier.allCases.randomElement(using: &random) ?? .hot
            let path = try path(age: age, partner: partner, name: "\(number)").inTier(tier)
            let metadata = FileMetadata(partner: partner, createdAt: 0)
            files.append(
                PendingFile(
                    path: path, content: [UInt8(number)],
                    metadata: Bool.random(using: &random) ? metadata : nil))
        }
        try store.write(files)
        return files.map(\.path)
    }

    private func randomHolds(_ random: inout FileRandom) throws -> [LegalHold] {
        try (0..<Int.random(in: 0...2, using: &random)).map { _ in
            let from = Self.today.adding(days: -Int.random(in: 0...5_000, using: &random))
            return try hold(
                partner: ["", "ACME", "OTHER"].randomElement(using: &random) ?? "",
                from: Bool.random(using: &random) ? "\(from)" : "",
                through: Bool.random(using: &random) ? "\(from.adding(days: 2_000))" : "")
        }
    }

    /// Where a file belongs, said in another way than the program does; nil for nowhere.
    private func place(of path: ExchangePath, _ holds: [LegalHold]) -> ExchangePath? {
        guard let date = path.date else { return path }
        let age = Self.today.daysSinceEpoch - date.daysSinceEpoch
        let isHeld = holds.contains { hold in
            (hold.partner == nil || hold.partner == path.partner)
                && (hold.from == nil || date.daysSinceEpoch >= hold.from?.daysSinceEpoch ?? 0)
                && (hold.through == nil || date.daysSinceEpoch <= hold.through?.daysSinceEpoch ?? 0)
        }
        if age >= 2_558 && !isHeld { return nil }
        let least: ExchangeTier = age >= 366 ? .archive : age >= 91 ? .cool : .hot
        if path.tier == .archive || (path.tier == .cool && least == .hot) { return path }
        return path.inTier(least)
    }

    @Test(
        "passes of any size, killed anywhere, bring every file where it belongs",
        arguments: 0..<30)
    func model(round: Int) async throws {
        var random = FileRandom(seed: 400 + UInt64(round))
        try await TemporaryFolder.with { root in
            let calm = try ExchangeStore(root: root, cipher: nil)
            let paths = try fill(calm, &random)
            let holds = try randomHolds(&random)
            var told: [FileMoved] = []
            var passes = 0
            var isWhole = false
            while !isWhole {
                passes += 1
                // The first passes are killed; later ones are not.
                let step = passes <= 6 ? Int.random(in: 0...40, using: &random) : Int.max
                let recorder = StepRecorder { number, _ in number >= step ? EIO : nil }
                let store = try ExchangeStore(
                    root: root, cipher: nil, pieceByteCount: 100, hook: recorder.hook)
                let plan = try store.lifecyclePlan(
                    settings: settings(), holds: holds, today: Self.today,
                    countMax: Int.random(in: 1...10, using: &random))
                let listed = Lifecycle.plan(
                    plan.items.map(\.path), settings: try settings(), holds: holds,
                    today: Self.today, countMax: 100)
                #expect(Set(listed.items) == Set(plan.items))
                let before = Set(filesOnDisk(root).keys)
                let report = try await store.carryOut(plan, run: 9) { fact in
                    // Told before anything happens to it.
                    #expect(before.contains(fact.path))
                    let path = try ExchangePath(fact.path)
                    let isThere = try calm.exists(path)
                    #expect(isThere)
                    told.append(fact)
                    return true
                }
                isWhole = plan.isWhole && report.failedCount == 0
                #expect(passes < 200)
            }
            try expectPlaces(paths, holds, root, calm)
            expectFacts(told, paths, holds)
            // A pass with nothing to do does nothing.
            let plan = try calm.lifecyclePlan(
                settings: settings(), holds: holds, today: Self.today, countMax: 100)
            #expect(plan.items.isEmpty && plan.isWhole)
        }
    }

    private func expectPlaces(
        _ paths: [ExchangePath], _ holds: [LegalHold], _ root: String, _ store: ExchangeStore
    ) throws {
        let files = filesOnDisk(root)
        var expected: Set<String> = []
        for (number, path) in paths.enumerated() {
            guard let place = place(of: path, holds) else {
                #expect(errorCode { _ = try store.open(path) } == "missing")
                continue
            }
            expected.insert(place.text)
            #expect(files[place.text] == [UInt8(number)])
            // The path of the record stays good.
            #expect(try store.read(path, byteCountMax: 1) == [UInt8(number)])
            if files[place.sidecar.text] != nil { expected.insert(place.sidecar.text) }
        }
        #expect(Set(files.keys) == expected)
    }

    /// Each file that is elsewhere now was told to be, with what it held.
    private func expectFacts(
        _ told: [FileMoved], _ paths: [ExchangePath], _ holds: [LegalHold]
    ) {
        for (number, path) in paths.enumerated() {
            let facts = told.filter { $0.path == path.text }
            let place = place(of: path, holds)
            #expect(facts.isEmpty == (place == path))
            for fact in facts {
                #expect(fact.newPath == place?.text ?? "")
                #expect(fact.tier == place?.tier.rawValue ?? "deleted")
                #expect(fact.sha256 == sha256Text([UInt8(number)]))
                #expect(fact.byteCount == 1 && fact.run == 9)
            }
        }
    }

    @Test("nothing is deleted that was not told, nor where a hold came in between")
    func told() async throws {
        struct NotNow: Error {}
        try await TemporaryFolder.with { root in
            let store = try ExchangeStore(root: root, cipher: nil)
            let old = try path(age: 3_000)
            try store.write([PendingFile(path: old, content: [1], metadata: nil)])
            let plan = try store.lifecyclePlan(
                settings: settings(), holds: [], today: Self.today, countMax: 9)
            #expect(plan.items == [LifecycleItem(path: old, act: .delete)])
            await #expect(throws: NotNow.self) {
                _ = try await store.carryOut(plan, run: 0) { _ in throw NotNow() }
            }
            let held = try await store.carryOut(plan, run: 0) { _ in false }
            #expect(held.heldCount == 1 && held.deletedCount == 0)
            #expect(try store.exists(old))
            let report = try await store.carryOut(plan, run: 0) { _ in true }
            #expect(report.deletedCount == 1)
            #expect(try !store.exists(old))
            #expect(try store.list(old.folder, countMax: 1).entries.isEmpty)
            #expect(try await store.carryOut(plan, run: 0) { _ in true } == LifecycleReport())
        }
    }

    @Test("a file that cannot be read stays, and the others go on")
    func unreadable() async throws {
        try await TemporaryFolder.with { root in
            let key = try FileKey(text: String(repeating: "01", count: 32), name: "K")
            let sealed = try ExchangeStore(root: root, cipher: try FileCipher(keys: [key]))
            let first = try path(age: 100, name: "a")
            try sealed.write([PendingFile(path: first, content: [1], metadata: nil)])
            let store = try ExchangeStore(root: root, cipher: nil)
            let second = try path(age: 100, name: "b")
            try store.write([PendingFile(path: second, content: [2], metadata: nil)])
            let plan = try store.lifecyclePlan(
                settings: settings(), holds: [], today: Self.today, countMax: 9)
            let report = try await store.carryOut(plan, run: 0) { _ in true }
            #expect(report.movedCount == 1 && report.failedCount == 1)
            #expect(report.failures.first?.contains("encrypted") == true)
            #expect(try store.exists(first) && store.exists(second.inTier(.cool)))
        }
    }
}

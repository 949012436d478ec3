import Engine
import Events
import Projections
import Synchronization

/// Looks for files that partners and business systems dropped, and has them taken in.
///
/// It looks at the folders again and again: that finds every file, on every file system, whatever
/// was missed while nobody looked. Files of one partner are received one after the other, those of
/// several partners at once.
final class InboundWatch: Sendable {
    private struct State {
        var settled: [String: SettledFiles] = [:]
        /// Who is at work, and until when one that failed is left alone.
        var busy: Set<String> = []
        var pausedUntil: [String: Duration] = [:]
        var warned: Set<String> = []
        /// Whose folders are there.
        var partners: Set<String> = []
    }

    private let ingestion: Ingestion
    private let intake: OutcomeIntake
    private let assembly: ImmediateAssembly
    private let store: ExchangeStore
    private let settle: Duration
    private let clock: any Clock<Duration>
    private let elapsed: @Sendable () -> Duration
    private let warn: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// So many partners' files are received at once.
    private static let workersMax = 4
    /// So many files of a folder are looked at; the others come next.
    private static let filesMax = 10_000
    private static let interval = Duration.seconds(1)
    /// How long one is left alone whose files could not be taken in.
    private static let pause = Duration.seconds(15)
    /// The place of `spool/` among partners, whose names never begin so.
    private static let spool = "_spool"
    private static let spoolFolder = "spool"

    init(
        ingestion: Ingestion, intake: OutcomeIntake, assembly: ImmediateAssembly,
        settle: Duration, clock: any Clock<Duration>
    ) {
        self.ingestion = ingestion
        self.intake = intake
        self.assembly = assembly
        store = ingestion.store
        warn = ingestion.warn
        self.settle = settle
        self.clock = clock
        elapsed = Self.stopwatch(clock)
    }

    private static func stopwatch(_ clock: some Clock<Duration>) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    /// Looks until it is cancelled; what was begun by then is finished.
    func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                for work in await look() {
                    group.addTask { await self.carryOut(work) }
                }
                try? await clock.sleep(for: Self.interval)
            }
        }
    }

    /// One look, and everything that it found done: for tests.
    package func pass() async {
        for work in await look() { await carryOut(work) }
    }

    // MARK: looking

    /// Files of one partner, or of `spool/`.
    private struct Work: Sendable {
        let name: String
        var paths: [ExchangePath] = []
        var taken: [TakenFile] = []
    }

    private func look() async -> [Work] {
        do {
            let names = try await ingestion.engine.read { state -> [String] in
                state.exchange.partners.sorted().compactMap {
                    $0.tenant == ExchangeTenant.name ? $0.partner?.name : nil
                }
            }
            return try await Blocking.run { try self.work(names) }
        } catch let error as ExchangeError {
            warnOnce(error.message)
            return []
        } catch {
            return []  // the engine is stopping
        }
    }

    private func work(_ partners: [String]) throws(ExchangeError) -> [Work] {
        // Whoever drops files finds the folders there.
        if !state.withLock({ $0.partners.contains(Self.spool) }) {
            for folder in [Self.spoolFolder, "members"] {
                _ = try store.makeFolder(try ExchangePath(folder).names)
            }
            state.withLock { _ = $0.partners.insert(Self.spool) }
        }
        for partner in partners where !state.withLock({ $0.partners.contains(partner) }) {
            _ = try store.makeFolder(try ExchangePath.inbound(partner: partner).names)
            state.withLock { _ = $0.partners.insert(partner) }
        }
        let known = Set(partners)
        let now = elapsed()
        var found: [Work] = []
        let taken = Dictionary(grouping: try ingestion.takenFiles(), by: \.partner)
        for partner in Set(taken.keys).union(partners).sorted() {
            guard isFree(partner, now) else { continue }
            var work = Work(name: partner, taken: taken[partner] ?? [])
            if known.contains(partner) {
                work.paths = try settled(ExchangePath.inbound(partner: partner), partner, now)
            }
            if !work.paths.isEmpty || !work.taken.isEmpty { found.append(work) }
        }
        if isFree(Self.spool, now) {
            let paths = try settled(try ExchangePath(Self.spoolFolder), Self.spool, now)
            let work = Work(name: Self.spool, paths: paths, taken: try intake.takenFiles())
            if !work.paths.isEmpty || !work.taken.isEmpty { found.append(work) }
        }
        try lookForStrangers(known)
        return state.withLock { state in
            let room = max(0, Self.workersMax - state.busy.count)
            let begun = found.prefix(room)
            for work in begun { state.busy.insert(work.name) }
            return Array(begun)
        }
    }

    private func isFree(_ name: String, _ now: Duration) -> Bool {
        state.withLock { state in
            !state.busy.contains(name) && (state.pausedUntil[name].map { $0 <= now } ?? true)
        }
    }

    private func settled(
        _ folder: ExchangePath, _ name: String, _ now: Duration
    ) throws(ExchangeError) -> [ExchangePath] {
        let listing = try store.list(folder, countMax: Self.filesMax)
        if listing.refusedCount > 0 {
            warnOnce(
                "\(Counted.text(listing.refusedCount, "name")) in \(folder.text) of the exchange "
                    + "folder cannot be taken (not UTF-8, too long, or links): rename them")
        }
        return state.withLock { state in
            state.settled[name, default: SettledFiles(settle: settle)].look(
                listing.entries, at: now)
        }
    }

    /// Folders of partners that there are not, and files that are in none.
    private func lookForStrangers(_ known: Set<String>) throws(ExchangeError) {
        let prefix = "partner="
        let inbound = try store.list(try ExchangePath("inbound"), countMax: Self.filesMax)
        for entry in inbound.entries {
            let name = entry.path.name
            if !entry.isFolder {
                warnOnce(
                    "a file lies in inbound/ of the exchange folder and not in a partner's "
                        + "folder, where it would be taken; move it")
            } else if name.hasPrefix(prefix), !known.contains(String(name.dropFirst(prefix.count)))
            {
                let partner = name.dropFirst(prefix.count)
                warnOnce(
                    ExchangePath.isPartner(partner)
                        ? "inbound/\(name) of the exchange folder is of no partner of the "
                            + "configuration: nothing is taken from it"
                        : "a folder of inbound/ of the exchange folder is of no partner")
            }
        }
    }

    private func warnOnce(_ text: String) {
        if state.withLock({ $0.warned.count < 1_000 && $0.warned.insert(text).inserted }) {
            warn(text)
        }
    }

    // MARK: taking in

    /// What came of some work.
    private struct Yield {
        var scopes: Set<OutcomeScope> = []
        /// Whether something is to be tried later.
        var isPaused = false
        /// Whether the rest is to be tried later too.
        var isOver = false
    }

    private func carryOut(_ work: Work) async {
        var yield = Yield()
        for taken in work.taken where !yield.isOver && !Task.isCancelled {
            await receive(taken, work.name, &yield)
        }
        for path in work.paths where !yield.isOver && !Task.isCancelled {
            do {
                let taken = try await Blocking.run { () throws -> TakenFile? in
                    work.name == Self.spool
                        ? try self.intake.take(path)
                        : try self.ingestion.take(path, partner: work.name)
                }
                if let taken { await receive(taken, work.name, &yield) }
            } catch {
                note(error, work.name, &yield)
            }
        }
        do {
            try await assembly.start(for: yield.scopes)
        } catch {
            // The engine is stopping, or the schedule is gone: the next run takes them.
        }
        let until = elapsed() + Self.pause
        let isPaused = yield.isPaused
        state.withLock { state in
            state.busy.remove(work.name)
            state.pausedUntil[work.name] = isPaused ? until : nil
        }
    }

    /// Receives a taken file.
    private func receive(_ taken: TakenFile, _ name: String, _ yield: inout Yield) async {
        do {
            if name == Self.spool {
                yield.scopes.formUnion(try await intake.receive(taken).scopes)
            } else {
                let report = try await ingestion.receive(taken)
                for outcome in report.file.outcomes {
                    yield.scopes.insert(
                        OutcomeScope(partner: outcome.partner, type: outcome.type))
                }
            }
        } catch let error as ExchangeError where name == Self.spool && error.code == "outcome" {
            await refuse(taken, error, &yield)
        } catch {
            note(error, name, &yield)
        }
    }

    /// Notes that something is to be tried later.
    private func note(_ error: any Error, _ name: String, _ yield: inout Yield) {
        yield.isPaused = true
        let place = name == Self.spool ? "spool/" : "inbound/ of \(name)"
        switch error {
        case let rejection as Rejection:
            // What is wrong with this file alone keeps no other one back.
            yield.isOver = rejection.code == .stopping || rejection.code == .diskFull
            if rejection.code == .stopping { return }
            warnOnce("a file in \(place) was not taken in, and is tried again: \(rejection)")
        case let error as ExchangeError:
            yield.isOver = error.isTransient
            warnOnce("a file in \(place) was not taken in, and is tried again: \(error)")
        default: yield.isOver = true  // the engine has stopped: the next start goes on
        }
    }

    private func refuse(
        _ taken: TakenFile, _ error: ExchangeError, _ yield: inout Yield
    ) async {
        do {
            _ = try await Blocking.run { try self.intake.refuse(taken, error) }
            warn("a file of outcomes is refused, and lies in spool/_refused: \(error.message)")
        } catch {
            note(error, Self.spool, &yield)
        }
    }
}

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
    private let alerts: ReceptionAlerts
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
    /// Everything that comes in, where the folders themselves cannot be looked at.
    private static let everything = "inbound"

    init(
        ingestion: Ingestion, intake: OutcomeIntake, assembly: ImmediateAssembly,
        settle: Duration, clock: any Clock<Duration>
    ) {
        self.ingestion = ingestion
        self.intake = intake
        self.assembly = assembly
        store = ingestion.store
        warn = ingestion.warn
        alerts = ReceptionAlerts(ingestion.engine, warn: ingestion.warn)
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

    /// What a look found.
    private struct Sight: Sendable {
        /// What is to be done.
        var works: [Work] = []
        /// The names whose folders cannot be looked at.
        var troubles: [(name: String, error: ExchangeError)] = []
        /// The names with something to do, or that are left alone for a while.
        var restless: Set<String> = []
    }

    private func look() async -> [Work] {
        do {
            let names = try await ingestion.engine.read { state -> [String] in
                state.exchange.partners.sorted().compactMap {
                    $0.tenant == ExchangeTenant.name ? $0.partner?.name : nil
                }
            }
            try await alerts.takeUp()
            let sight = try await Blocking.run { try self.sight(names) }
            for (name, error) in sight.troubles {
                await alerts.isStuck(
                    Self.place(name), partner: name,
                    "\(Self.place(name))/ of the exchange folder cannot be looked at, and is "
                        + "looked at again: \(error)")
            }
            await alerts.goesOn(Self.everything)
            let restless = Set(sight.restless.map(Self.place))
            for place in alerts.stuckPlaces where !restless.contains(place) {
                await alerts.goesOn(place)
            }
            return sight.works
        } catch let error as ExchangeError {
            await alerts.isStuck(
                Self.everything, partner: "",
                "no file of partners or of business is taken in: \(error)")
            return []
        } catch {
            return []  // the engine is stopping
        }
    }

    /// What an alert is about.
    private static func place(_ name: String) -> String {
        name == spool ? spoolFolder : "inbound/partner=\(name)"
    }

    private func sight(_ partners: [String]) throws(ExchangeError) -> Sight {
        // Whoever drops files finds the folders there.
        do throws(ExchangeError) {
            try ensure(try ExchangePath("members"), as: "_members")
        } catch let error where error.code == "storageRefused" {
            alerts.warnOnce("\(error)", at: "members")  // its task tells more
        }
        let known = Set(partners)
        let now = elapsed()
        var sight = Sight()
        let taken = Dictionary(grouping: try ingestion.takenFiles(), by: \.partner)
        let takenOutcomes = try intake.takenFiles()
        for name in Set(taken.keys).union(partners).sorted() + [Self.spool] {
            let isSpool = name == Self.spool
            let folder =
                isSpool ? try ExchangePath(Self.spoolFolder) : try .inbound(partner: name)
            var work = Work(name: name, taken: isSpool ? takenOutcomes : taken[name] ?? [])
            do throws(ExchangeError) {
                if isSpool || known.contains(name) { try ensure(folder, as: name) }
                guard isFree(name, now) else {
                    sight.restless.insert(name)
                    continue
                }
                if isSpool || known.contains(name) {
                    work.paths = try settled(folder, name, now)
                }
            } catch let error where error.code == "storageRefused" {
                // It is this folder's alone.
                sight.troubles.append((name, error))
                sight.restless.insert(name)
                continue
            }
            if work.paths.isEmpty && work.taken.isEmpty { continue }
            sight.works.append(work)
            sight.restless.insert(name)
        }
        try lookForStrangers(known)
        sight.works = state.withLock { state in
            let room = max(0, Self.workersMax - state.busy.count)
            let begun = Array(sight.works.prefix(room))
            for work in begun { state.busy.insert(work.name) }
            return begun
        }
        return sight
    }

    /// Makes a folder where it is missing; tells where somebody removed it.
    private func ensure(_ path: ExchangePath, as name: String) throws(ExchangeError) {
        let wasThere = state.withLock { $0.partners.contains(name) }
        if wasThere, try store.folder.open(path.names) != nil { return }
        _ = try store.makeFolder(path.names)
        state.withLock { _ = $0.partners.insert(name) }
        if wasThere {
            warn(
                "\(path.text)/ of the exchange folder was removed, and is made again: files that "
                    + "lay in it are not taken")
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
            alerts.warnOnce(
                "\(Counted.text(listing.refusedCount, "name")) in \(folder.text) of the exchange "
                    + "folder cannot be taken (not UTF-8, too long, or links): rename them",
                at: folder.text + " names")
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
        var texts: Set<String> = []
        var otherCount = 0
        for entry in inbound.entries where entry.path.text != TakenFile.inbound {
            let name = entry.path.name
            let partner = name.dropFirst(prefix.count)
            if !entry.isFolder {
                texts.insert(
                    "a file lies in inbound/ of the exchange folder and not in a partner's "
                        + "folder, where it would be taken; move it")
            } else if !name.hasPrefix(prefix) || !ExchangePath.isPartner(partner) {
                // Its name may be a person's.
                otherCount += 1
            } else if !known.contains(String(partner)) {
                texts.insert(
                    "inbound/\(name) of the exchange folder is of no partner of the "
                        + "configuration: nothing is taken from it")
            }
        }
        if otherCount > 0 {
            texts.insert(
                "nothing is taken from \(Counted.text(otherCount, "folder")) in inbound/ of the "
                    + "exchange folder, for a partner's folder is named partner=NAME: rename what "
                    + "is to be one")
        }
        alerts.keep(texts, at: "strangers")
        for text in texts.sorted() { alerts.warnOnce(text, at: "strangers") }
    }

    // MARK: taking in

    /// What came of some work.
    private struct Yield {
        var scopes: Set<OutcomeScope> = []
        var takenCount = 0
        var refusedCount = 0
        /// What is wrong where people are to hear of it.
        var trouble: String?
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
            } catch let error as ExchangeError where error.code == "changed" {
                let place = Self.place(work.name)
                alerts.warnOnce("a file is not taken yet: \(error)", at: place + " open")
            } catch {
                note(error, work.name, &yield)
            }
        }
        do {
            try await assembly.start(for: yield.scopes)
        } catch {
            // The engine is stopping, or the schedule is gone: the next run takes them.
        }
        await tell(yield, work)
        let until = elapsed() + Self.pause
        let isPaused = yield.isPaused
        state.withLock { state in
            state.busy.remove(work.name)
            state.pausedUntil[work.name] = isPaused ? until : nil
        }
    }

    /// Tells people how it went.
    private func tell(_ yield: Yield, _ work: Work) async {
        let place = Self.place(work.name)
        if let trouble = yield.trouble {
            let partner = work.name == Self.spool ? "" : work.name
            await alerts.isStuck(place, partner: partner, trouble)
        } else if !yield.isPaused && !Task.isCancelled {
            await alerts.goesOn(place)
        }
        if yield.takenCount > 0 && yield.refusedCount == 0 {
            await alerts.end(.refused, place)
        }
    }

    /// Receives a taken file.
    private func receive(_ taken: TakenFile, _ name: String, _ yield: inout Yield) async {
        do {
            if name == Self.spool {
                let report = try await intake.receive(taken)
                yield.scopes.formUnion(report.scopes)
                if report.isPutBack { await tellGrown(taken, name) }
            } else {
                let report = try await ingestion.receive(taken)
                if report.isPutBack { await tellGrown(taken, name) }
                for outcome in report.file.outcomes {
                    yield.scopes.insert(
                        OutcomeScope(partner: outcome.partner, type: outcome.type))
                }
            }
            yield.takenCount += 1
        } catch let error as ExchangeError where name == Self.spool && error.code == "outcome" {
            await refuse(taken, error, &yield)
        } catch let error as ExchangeError where error.code == "keyTaken" {
            await drop(taken, error, &yield)
        } catch {
            note(error, name, &yield)
        }
    }

    /// Notes that something is to be tried later.
    private func note(_ error: any Error, _ name: String, _ yield: inout Yield) {
        yield.isPaused = true
        let place = name == Self.spool ? "spool/" : "inbound/ of \(name)"
        let text = "a file in \(place) was not taken in, and is tried again: \(error)"
        switch error {
        case let rejection as Rejection:
            // What is wrong with this file alone keeps no other one back.
            yield.isOver = rejection.code == .stopping || rejection.code == .diskFull
            if rejection.code == .stopping { return }
            yield.trouble = yield.trouble ?? text
        case let error as ExchangeError where error.code == "changed":
            // Its sender is not done.
            alerts.warnOnce(text, at: Self.place(name))
        case let error as ExchangeError:
            yield.isOver = error.isTransient
            yield.trouble = yield.trouble ?? text
        default: yield.isOver = true  // the engine has stopped: the next start goes on
        }
    }

    private func refuse(
        _ taken: TakenFile, _ error: ExchangeError, _ yield: inout Yield
    ) async {
        do {
            let fate = try await Blocking.run { try self.intake.refuse(taken, error) }
            if fate == .putBack { return await tellGrown(taken, Self.spool) }
            yield.refusedCount += 1
            let text = "a file of outcomes is refused, and lies in spool/_refused"
            warn("\(text): \(error.message)")
            await alerts.tell(
                ReceptionNotice(
                    .refused, Self.spoolFolder,
                    text + "; the file .reason.json beside it names the lines and fields"))
        } catch {
            note(error, Self.spool, &yield)
        }
    }

    /// A file that the API brought, and whose caller was not answered, for this program was killed.
    private func drop(
        _ taken: TakenFile, _ error: ExchangeError, _ yield: inout Yield
    ) async {
        do {
            try await Blocking.run { try self.ingestion.drop(taken) }
            warn("a file of \(taken.partner) that the API brought is not received: \(error)")
        } catch {
            note(error, taken.partner, &yield)
        }
    }

    private func tellGrown(_ taken: TakenFile, _ name: String) async {
        let place = Self.place(name)
        let text =
            "a file in \(place)/ was written to after it was received: all of it is taken once "
            + "more, and what was in it before is a duplicate. Have its sender write under a name "
            + "that ends in .tmp, and rename it when it is whole"
        warn(text)
        let partner = name == Self.spool ? "" : taken.partner
        await alerts.tell(ReceptionNotice(.grew, place, partner: partner, text))
    }
}

import Dispatch
import Synchronization

/// Works beside a log's writer, on a thread of its own with a small claim to the processor:
/// seals what is full, renews what is derived, and reads sealed segments again.
///
/// It touches no segment that is written to. What it finds it reports; nothing of it stops the log.
/// It works until it is closed, whoever still knows of it.
public final class LogHousekeeper: Sendable {
    /// What it works on, and how hard.
    public struct Settings: Sendable {
        /// The data folder.
        public var folder: String
        /// What the folder lies on.
        public var disk: any Disk
        /// What is known of the records, for the indexes.
        public var vocabulary: any RecordVocabulary
        /// How often every sealed segment is read again; nil for never.
        public var scrubInterval: Duration?
        /// How long ago the last scrub was completed; nil for never.
        public var scrubAge: Duration?
        /// How fast a scrub reads, in bytes a second; a segment is read in one go.
        public var scrubBytesPerSecond = 4 * 1_024 * 1_024

        /// A housekeeper that does not scrub.
        public init(
            folder: String, disk: any Disk, vocabulary: any RecordVocabulary = NoVocabulary()
        ) {
            self.folder = folder
            self.disk = disk
            self.vocabulary = vocabulary
        }
    }

    /// What a scrub found.
    public struct Scrub: Sendable, Hashable {
        /// Segments read.
        public var segmentCount = 0
        /// Bytes read.
        public var byteCount = 0
        /// Records hashed.
        public var recordCount: UInt64 = 0
        /// How long it took.
        public var seconds = 0.0
        /// What is not as it was written.
        public var problems: [String] = []
    }

    /// What it reports, on its own thread.
    public enum Report: Sendable {
        /// A segment was sealed.
        case sealed(SegmentSealing.Outcome)
        /// Something could not be done; the segment stays as it is until the next start.
        case failed(segment: SequenceNumber, EventLogError)
        /// All sealed segments were read again.
        case scrubbed(Scrub)
    }

    private struct State {
        var isWoken = false
        var isClosing = false
    }

    private let state = Mutex(State())
    private let signal = DispatchSemaphore(value: 0)
    private let thread: Mutex<LogThread?> = Mutex(nil)

    /// Starts the thread; it begins with what an earlier life left.
    ///
    /// - Throws: `inputOutput` where the system allows no more threads.
    public init(
        _ settings: Settings, report: @escaping @Sendable (Report) -> Void
    ) throws(EventLogError) {
        let started = try LogThread { [self] in
            LogThread.yieldToOthers()
            var chores = Chores(settings, report: report, mayGoOn: { [self] in !isClosing })
            run(&chores)
        }
        thread.withLock { $0 = started }
    }

    /// Says that there may be something to seal.
    public func wake() {
        state.withLock { $0.isWoken = true }
        signal.signal()
    }

    /// Ends the thread after the step that it is at, which takes a second or two at most.
    ///
    /// Blocks until then.
    public func close() {
        state.withLock { $0.isClosing = true }
        signal.signal()
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.join()
    }

    private var isClosing: Bool { state.withLock { $0.isClosing } }

    private func run(_ chores: inout Chores) {
        chores.sealAll()
        while !isClosing {
            let isWoken = state.withLock { state in
                defer { state.isWoken = false }
                return state.isWoken
            }
            if isWoken {
                chores.sealAll()
                continue
            }
            let pause = chores.scrubStep()
            let deadline = pause.map { DispatchTime.now() + .nanoseconds($0) } ?? .distantFuture
            _ = signal.wait(timeout: deadline)
        }
    }
}

/// The housekeeper's work, step by step.
struct Chores {
    private let settings: LogHousekeeper.Settings
    private let report: @Sendable (LogHousekeeper.Report) -> Void
    private let mayGoOn: @Sendable () -> Bool
    /// Segments that could not be sealed: left alone, so that one does not keep it busy for ever.
    private var given: Set<SequenceNumber> = []
    private var nextScrub: DispatchTime?
    private var scrub: (found: LogHousekeeper.Scrub, rest: [SequenceNumber], began: DispatchTime)?

    init(
        _ settings: LogHousekeeper.Settings,
        report: @escaping @Sendable (LogHousekeeper.Report) -> Void,
        mayGoOn: @escaping @Sendable () -> Bool
    ) {
        self.settings = settings
        self.report = report
        self.mayGoOn = mayGoOn
        if let interval = settings.scrubInterval {
            let rest = settings.scrubAge.map { max(.zero, interval - $0) } ?? .zero
            nextScrub = .now() + .nanoseconds(Self.nanoseconds(rest))
        }
    }

    /// Seals every segment that can be, oldest first, and then renews what is derived.
    mutating func sealAll() {
        let (folder, disk) = (settings.folder, settings.disk)
        do throws(EventLogError) {
            for segment in try SegmentSealing.pending(folder: folder, disk: disk)
            where !given.contains(segment) {
                guard mayGoOn() else { return }
                seal(segment)
            }
            for segment in try SegmentIndex.outdated(
                folder: folder, disk: disk, vocabulary: settings.vocabulary)
            where !given.contains(segment) {
                guard mayGoOn() else { return }
                renewIndex(segment)
            }
            try extendTiles()
        } catch {
            report(.failed(segment: .zero, error))
        }
    }

    /// Tiles are made of what is sealed: below the first segment that still has its active form.
    private func extendTiles() throws(EventLogError) {
        guard mayGoOn() else { return }
        let end: SequenceNumber?
        do throws(DiskError) {
            let forms = try LogPaths(data: settings.folder).forms(on: settings.disk) ?? []
            end = forms.first(where: \.hasActive)?.name
        } catch { throw EventLogError(disk: error) }
        guard let end else { return }
        _ = try TreeTiles(folder: settings.folder, disk: settings.disk).extend(below: end)
    }

    private mutating func seal(_ segment: SequenceNumber) {
        let sealing = SegmentSealing(
            segment: segment, folder: settings.folder, disk: settings.disk,
            vocabulary: settings.vocabulary)
        do throws(EventLogError) {
            report(.sealed(try sealing.run()))
        } catch {
            // A full disk gets better; damage does not.
            if error.code != .noSpace { given.insert(segment) }
            report(.failed(segment: segment, error))
        }
    }

    private mutating func renewIndex(_ segment: SequenceNumber) {
        do throws(EventLogError) {
            try SegmentIndex.renew(
                segment, folder: settings.folder, disk: settings.disk,
                vocabulary: settings.vocabulary)
        } catch {
            given.insert(segment)
            report(.failed(segment: segment, error))
        }
    }

    /// Reads one segment again, if a scrub is due or under way.
    ///
    /// - Returns: how long to wait for the next step, in nanoseconds; nil for ever.
    mutating func scrubStep() -> Int? {
        guard let due = nextScrub else { return nil }
        let now = DispatchTime.now()
        if now < due { return Int(clamping: due.uptimeNanoseconds - now.uptimeNanoseconds) }
        do throws(EventLogError) {
            if scrub == nil {
                let rest = try Self.sealed(settings.folder, settings.disk)
                scrub = (.init(), rest.reversed(), now)
            }
        } catch {
            report(.failed(segment: .zero, error))
            nextScrub = now + .seconds(3_600)
            return 0
        }
        guard let segment = scrub?.rest.popLast() else {
            finishScrub(now)
            return 0
        }
        return Int(clamping: readAgain(segment)) * 1_000_000_000 / settings.scrubBytesPerSecond
    }

    private mutating func readAgain(_ segment: SequenceNumber) -> Int {
        var byteCount = 0
        do throws(EventLogError) {
            byteCount = try SealedSegment.dropFromCache(
                segment, folder: settings.folder, disk: settings.disk)
            let found = try SegmentVerification.verify(
                segment, folder: settings.folder, disk: settings.disk)
            scrub?.found.recordCount += found.recordCount
            if let problem = found.problem { scrub?.found.problems.append(problem.message) }
        } catch {
            scrub?.found.problems.append(error.message)
        }
        scrub?.found.segmentCount += 1
        scrub?.found.byteCount += byteCount
        return byteCount
    }

    private mutating func finishScrub(_ now: DispatchTime) {
        guard let (ended, _, began) = scrub else { return }
        var found = ended
        scrub = nil
        let interval = settings.scrubInterval ?? .zero
        nextScrub = now + .nanoseconds(Self.nanoseconds(interval))
        found.seconds =
            Double(now.uptimeNanoseconds - began.uptimeNanoseconds) / 1_000_000_000
        // A log without sealed segments has nothing to say.
        if found.segmentCount > 0 { report(.scrubbed(found)) }
    }

    private static func sealed(
        _ folder: String, _ disk: any Disk
    ) throws(EventLogError) -> [SequenceNumber] {
        do throws(DiskError) {
            let forms = try LogPaths(data: folder).forms(on: disk) ?? []
            return forms.filter { $0.hasSealed && !$0.hasActive }.map(\.name)
        } catch {
            throw EventLogError(disk: error)
        }
    }

    private static func nanoseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return Int(clamping: seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }
}

extension SealedSegment {
    /// Has the system forget what it keeps of a sealed segment in memory, so that reading it next
    /// reads the medium.
    ///
    /// - Returns: its size in bytes.
    static func dropFromCache(
        _ name: SequenceNumber, folder: String, disk: any Disk
    ) throws(EventLogError) -> Int {
        do throws(DiskError) {
            let file = try disk.open(LogPaths(data: folder).sealed(name), .read)
            defer { disk.close(file) }
            try disk.dropFromCache(file)
            return try disk.byteCount(of: file)
        } catch {
            throw EventLogError(disk: error)
        }
    }
}

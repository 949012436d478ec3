import Events
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// Runs programs, so that two of one run are never alive together and an exit code is not lost,
/// whenever the engine is killed.
///
/// A program is started in steps:
///
/// 1. ``launch(_:)`` makes the run's folder and starts a *wrapper*, `/bin/sh` with a few lines, in
///    a session of its own. It waits at a *gate*: it reads its standard input, a socket whose
///    other end only the engine holds.
/// 2. The engine makes `run started` durable, with the wrapper's ``ProcessIdentity``.
/// 3. ``LaunchedProcess/proceed()`` writes `go`. The wrapper makes the file `began`, runs the
///    program, and writes the program's exit status to the file `status`. Output goes to a file,
///    not through the engine.
/// 4. When the wrapper is gone, whatever else is left of the run is killed, the output is copied
///    to `files/`, synced and hashed, and ``LaunchedProcess/outcome()`` returns.
/// 5. The engine makes the outcome durable and calls ``discard(run:attempt:)``.
///
/// What happens where the engine is killed (SIGKILL) in between, and starts again:
///
/// | killed | what is there | what reconciling says |
/// |---|---|---|
/// | before the folder | nothing | gone, never began |
/// | after the folder, before the wrapper | a folder | gone, never began; the folder goes |
/// | between fork and exec of the wrapper | a copy of the engine that has the lock's descriptor until it execs, so no engine can start before; then it reads end of file and leaves | gone, never began |
/// | after the wrapper, before `run started` is durable | the wrapper reads end of file and leaves | gone, never began (no identity) |
/// | after that, before `go` | the same | gone, never began (no file `began`) |
/// | after `go`, before the wrapper read it | a socket keeps what was sent: the program begins | adopted |
/// | while the program runs | wrapper and program | adopted; or ended, if it ends first |
/// | after the program, before `status` is whole | the wrapper writes it | adopted or ended |
/// | after `status`, or while output is copied | the folder | ended: the same outcome, the same file |
/// | after the outcome is durable, before the folder is removed | the folder | not asked; ``discardAll(except:)`` |
///
/// If the wrapper is killed too (`kill -9`, out of memory), the program without it is killed, and
/// the attempt is lost: nobody knows what it did. After a reboot nothing lives: `status` is
/// believed if it is whole, and a missing `began` proves nothing, for neither is synced.
///
/// What the engine itself did is not in the folder: killed between ending a program (timeout,
/// cancel) and recording it, the next engine reads an exit code, a signal or nothing, and none of
/// those is a success unless the program itself said so.
public final class ProcessTarget: Sendable {
    private let settings: Settings
    private let environment: ProcessEnvironment
    private let threads: TargetThreads
    private let sweeper: ProcessSweeper
    private let store: OutputStore
    private let bootId: String

    /// What programs find around them.
    public struct Settings: Sendable {
        /// The data folder, absolute.
        public var data: FilePath
        /// The configuration's folder, absolute: relative commands and folders start here.
        public var base: FilePath
        /// The variables that every program gets; see ``minimalEnvironment(of:)``.
        public var environment: [String: String]
        /// An output is cut after this many bytes.
        public var outputByteCountMax: UInt64
        /// Resolves `${secret:NAME}`.
        public var secrets: SecretResolver
        /// Whether programs end when this process does, however that ends: a worker's do, since the
        /// engine may give their runs to another; the engine's own live on and are adopted.
        public var isTethered = false
        /// Measures timeouts and graces.
        public var clock: any Clock<Duration>

        /// Settings.
        public init(
            data: FilePath, base: FilePath, environment: [String: String],
            outputByteCountMax: UInt64, clock: any Clock<Duration>,
            secrets: @escaping SecretResolver
        ) {
            self.data = data
            self.base = base
            self.environment = environment
            self.outputByteCountMax = outputByteCountMax
            self.clock = clock
            self.secrets = secrets
        }
    }

    /// Makes `runs/` and `files/` below the data folder, whose lock the caller holds.
    public init(_ settings: Settings, threads: TargetThreads) throws(TargetSetupError) {
        for path in [settings.data, settings.base] where !path.isAbsolute {
            throw TargetSetupError("\(path): targets need an absolute path.")
        }
        guard let bootId = ProcessTable.bootId(), ProcessTable.entry(getpid()) != nil else {
            throw TargetSetupError("/proc: cannot be read; processes cannot be found without it.")
        }
        let runs = settings.data.string + "/runs"
        guard mkdir(runs, 0o700) == 0 || errno == EEXIST else {
            throw TargetSetupError("\(runs): cannot be made: \(Errors.text(errno)).")
        }
        self.settings = settings
        self.threads = threads
        self.bootId = bootId
        store = try OutputStore(data: settings.data, byteCountMax: settings.outputByteCountMax)
        sweeper = ProcessSweeper(threads: threads)
        environment = ProcessEnvironment(
            base: settings.environment, secrets: SecretReferences(resolve: settings.secrets))
    }

    /// `PATH`, `HOME`, `LANG` and `TZ` of an environment, as far as they are in it; a usual `PATH`
    /// where there is none.
    public static func minimalEnvironment(of environment: [String: String]) -> [String: String] {
        var minimal = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
        for name in ["PATH", "HOME", "LANG", "TZ"] {
            minimal[name] = environment[name] ?? minimal[name]
        }
        return minimal
    }

    // MARK: Launching

    /// Starts the wrapper of an attempt; the program waits for ``LaunchedProcess/proceed()``.
    ///
    /// A failure is always definite: nothing of the attempt is alive, and the program never began.
    public func launch(_ delivery: Delivery) async throws(TargetFailure) -> LaunchedProcess {
        let folder = RunFolder(data: settings.data, run: delivery.run, attempt: delivery.attempt)
        var variables = try environment.variables(
            delivery, resultFile: folder.result, fileList: folder.fileList)
        if delivery.fencingToken != 0 {
            variables["DAYBOOK_FENCING_TOKEN"] = String(delivery.fencingToken)
            variables["DAYBOOK_PROGRESS_FILE"] = folder.progress
        }
        let base = settings.base.string
        let path = variables["PATH"] ?? ""
        let prepared = await threads.run { () -> Result<Prepared, TargetFailure> in
            Prepared.make(delivery, folder, base: base, path: path)
        }
        let start = try prepared.get()
        let context = context(delivery.binding, delivery.run, delivery.logIdentity, folder)
        let script = settings.isTethered ? Self.tetheredScript : Self.script
        let wrapper = Wrapper(
            command: ["-c", script, "daybook-run", folder.path] + start.command,
            variables: variables, folder: start.workingFolder)
        do throws(TargetFailure) {
            let (identity, exit) = try await wrapper.start(
                input: start.gateInside, output: start.output, bootId: bootId,
                separatesError: false)
            return LaunchedProcess(
                child: identity, gate: start.gate, context: context,
                exit: {
                    _ = await exit.value
                    return true
                })
        } catch {
            close(start.gate)
            // Nothing runs here, so the attempt can be launched again.
            _ = await threads.run { folder.remove() }
            throw error
        }
    }

    /// The wrapper.
    ///
    /// `$1` is the run's folder, the rest is the command.
    ///
    /// - Without a whole line (end of file: the engine is gone) it leaves before anything.
    /// - Signals that end the group must not end the wrapper before it wrote the status. They
    ///   are caught, not ignored: what a shell ignores, its programs ignore too (POSIX, trap).
    /// - `:` is a special built-in, so the shell leaves if `began` cannot be made.
    /// - The shell's own remarks ("Terminated") do not go to the output: that is what descriptor 3
    ///   and the subshell are for, which becomes the program.
    private static let script = """
        IFS= read -r line && [ "$line" = go ] || exit 0
        exec </dev/null 3>&2 2>/dev/null
        trap : TERM INT HUP QUIT USR1 USR2 ALRM
        folder=$1
        shift
        : >"$folder/began"
        ( exec 2>&3 3>&-; exec "$@" )
        echo $? >"$folder/status"
        """

    /// The wrapper of a tethered program.
    ///
    /// The gate stays open as descriptor 4 of a process beside the program, which reads it to its
    /// end: that comes when whoever holds the other end is gone, even by SIGKILL. Then it kills the
    /// group, the wrapper and itself too. It does not heed the signals that end the program, and
    /// is killed when that has ended by itself.
    private static let tetheredScript = """
        IFS= read -r line && [ "$line" = go ] || exit 0
        exec 4<&0 </dev/null 3>&2 2>/dev/null
        trap : TERM INT HUP QUIT USR1 USR2 ALRM
        folder=$1
        shift
        : >"$folder/began"
        (
        trap '' TERM INT HUP QUIT USR1 USR2 ALRM
        exec 3>&- >/dev/null
        IFS= read -r line <&4
        kill -KILL 0
        ) &
        tether=$!
        exec 4<&-
        ( exec 2>&3 3>&-; exec "$@" )
        echo $? >"$folder/status"
        kill -KILL "$tether"
        """

    private func context(
        _ binding: TargetBinding, _ run: UInt64, _ log: String, _ folder: RunFolder
    ) -> LaunchedProcess.Context {
        let timeout: Duration? =
            binding.timeoutSeconds == 0
            ? nil : .bounded(seconds: binding.timeoutSeconds)
        return LaunchedProcess.Context(
            folder: folder, mark: RunMark(log: log, run: String(run)), timeout: timeout,
            grace: .bounded(seconds: binding.graceSeconds), clock: settings.clock,
            sweeper: sweeper, threads: threads, store: store, isTethered: settings.isTethered)
    }

    /// What the program of a running attempt last wrote into `DAYBOOK_PROGRESS_FILE`, without
    /// blanks around it; nil where that is nothing, too much, or no text.
    public func progress(run: UInt64, attempt: UInt64) async -> String? {
        let folder = RunFolder(data: settings.data, run: run, attempt: attempt)
        return await threads.run {
            guard let bytes = try? RunFolder.smallFile(folder.progress, limit: 4_096),
                let text = String(validating: bytes, as: UTF8.self)
            else { return nil }
            let line = text.split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
            return line.isEmpty ? nil : line
        }
    }

    // MARK: After a restart

    /// Says what became of an attempt of an engine before this one.
    ///
    /// `identity` is that of `run started`; nil where the attempt was dispatched and that is not in
    /// the log.
    ///
    /// Returns only when nothing of the run is alive, or it is adopted. Timeouts of an adopted
    /// process count from its own start.
    public func reconcile(
        run: UInt64, attempt: UInt64, identity: ProcessIdentity?, binding: TargetBinding,
        logIdentity: String
    ) async -> Reconciliation {
        let folder = RunFolder(data: settings.data, run: run, attempt: attempt)
        let context = context(binding, run, logIdentity, folder)
        if let identity, identity.bootId == bootId,
            let pidfd = await passingGate(identity, folder)
        {
            let exits = threads.exits
            return .adopted(
                LaunchedProcess(
                    adopted: identity, context: context, exit: { await exits.exit(of: pidfd) }))
        }
        let isSameBoot = identity.map { $0.bootId == bootId } ?? true
        await sweeper.killAll(
            .init(
                session: isSameBoot ? identity?.pid : nil,
                startTicks: isSameBoot ? identity?.startTicks ?? 0 : 0, mark: context.mark))
        return await threads.run { [store] in
            Self.remains(folder, store, isSameBoot: isSameBoot)
        }
    }

    /// A descriptor of a wrapper that is alive and past its gate; nil where it never gets there.
    private func passingGate(_ identity: ProcessIdentity, _ folder: RunFolder) async -> Int32? {
        guard let pidfd = ExitWatcher.open(identity.pid) else { return nil }
        // The descriptor first, then the look: so both speak of one process.
        guard ProcessTable.entry(identity.pid)?.startTicks == identity.startTicks else {
            close(pidfd)
            return nil
        }
        // The other end of its gate is closed, so it passes or leaves at once. If it does neither
        // (stopped by a person, say), it is ended.
        let isPast = await threads.run { () -> Bool in
            for _ in 0..<Self.gateWaitsMax {
                if folder.hasBegun { return true }
                var item = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
                if poll(&item, 1, 5) > 0 { return folder.hasBegun }
            }
            return folder.hasBegun
        }
        if isPast { return pidfd }
        close(pidfd)
        return nil
    }

    /// Times 5 ms: a second is enough for a shell to read a line on a loaded machine.
    private static let gateWaitsMax = 200

    private static func remains(
        _ folder: RunFolder, _ store: OutputStore, isSameBoot: Bool
    ) -> Reconciliation {
        if folder.exitStatus() != nil {
            let conclusion = Conclusion(ending: nil, duration: folder.duration())
            return .ended(conclusion.outcome(folder: folder, store: store))
        }
        if !folder.hasBegun, isSameBoot {
            let failure = TargetFailure.spawn(
                "the program was not started: the engine was killed before its gate opened.")
            guard let code = folder.remove() else { return .gone(failure, neverBegan: true) }
            var inTheWay = failure
            inTheWay.note = "\(folder.path) cannot be removed: \(Errors.text(code))."
            return .gone(inTheWay, neverBegan: true)
        }
        let outcome = Conclusion(ending: nil, duration: .zero).outcome(
            folder: folder, store: store)
        guard case .failed(var failure) = outcome else { return .ended(outcome) }
        failure.failureClass = TargetFailureClass.lost
        failure.isDefinite = false
        failure.message =
            isSameBoot
            ? "the program and its wrapper were killed while no engine was there."
            : "the machine was restarted while the program may have been running."
        return .gone(failure, neverBegan: false)
    }

    // MARK: Tidying

    /// Removes the folder of an attempt whose outcome is durable.
    ///
    /// Nil, or why it stays.
    @discardableResult
    public func discard(run: UInt64, attempt: UInt64) async -> String? {
        let folder = RunFolder(data: settings.data, run: run, attempt: attempt)
        return await threads.run {
            folder.remove().map { "\(folder.path) cannot be removed: \(Errors.text($0))." }
        }
    }

    /// At a start: removes the folders of all attempts but those that are still open.
    ///
    /// Returns why any stays.
    public func discardAll(except open: [(run: UInt64, attempt: UInt64)]) async -> [String] {
        let kept = Set(open.map { "\($0.run)-\($0.attempt)" })
        let runs = settings.data.string + "/runs"
        return await threads.run {
            RunFolder.all(in: runs).filter { !kept.contains($0.name) }.compactMap { item in
                item.folder.remove().map {
                    "\(item.folder.path) cannot be removed: \(Errors.text($0))."
                }
            }
        }
    }

    // MARK: Probes

    /// Asks a program whether a dependency is ready: the first word of its standard output is
    /// `READY` or `WAIT`, and its exit code is 0.
    ///
    /// It is ended after `timeoutSeconds`, or 30 seconds where that is 0.
    public func probe(_ request: ProbeRequest) async -> ProbeAnswer {
        let probe = ProcessProbe(
            settings: settings, environment: environment, threads: threads, sweeper: sweeper,
            bootId: bootId)
        do throws(TargetFailure) {
            return try await probe.ask(request)
        } catch {
            return .failed(error.message)
        }
    }
}

import Events
import Glibc
import SystemPackage

/// Asks a program whether an external dependency is ready.
struct ProcessProbe: Sendable {
    var settings: ProcessTarget.Settings
    var environment: ProcessEnvironment
    var threads: TargetThreads
    var sweeper: ProcessSweeper
    var bootId: String

    /// A probe that says nothing about its timeout gets this one: a question is short.
    static let timeoutDefault = Duration.seconds(30)
    /// More than the first word is not read.
    static let answerByteCountMax = 256

    func ask(_ request: ProbeRequest) async throws(TargetFailure) -> ProbeAnswer {
        let binding = request.binding
        var variables = try environment.variables(request)
        // A mark of its own: what it leaves behind is found, and is nobody's run.
        let mark = RunMark(
            log: request.logIdentity,
            run: "probe-" + String(UInt64.random(in: .min ... .max), radix: 16))
        variables["DAYBOOK_RUN"] = mark.run
        let (base, path) = (settings.base.string, variables["PATH"] ?? "")
        let file = settings.data.string + "/runs/." + mark.run
        let prepared = await threads.run { () -> Result<Question, TargetFailure> in
            Question.make(binding, base: base, path: path, file: file)
        }
        let question = try prepared.get()
        let wrapper = Wrapper(
            program: question.command[0], command: Array(question.command.dropFirst()),
            variables: variables, folder: question.workingFolder)
        let identity: ProcessIdentity
        let exit: Task<Int32?, Never>
        do throws(TargetFailure) {
            (identity, exit) = try await wrapper.start(
                input: question.input, output: question.output, bootId: bootId,
                separatesError: true)
        } catch {
            close(question.reading)
            throw error
        }
        let quarry = ProcessSweeper.Quarry(
            session: identity.pid, startTicks: identity.startTicks, mark: mark)
        let timeout =
            binding.timeoutSeconds == 0
            ? Self.timeoutDefault : .bounded(seconds: binding.timeoutSeconds)
        let timer = Task {
            do {
                try await settings.clock.sleep(for: timeout)
            } catch {
                return false
            }
            await sweeper.signal(SIGKILL, quarry)
            return true
        }
        let status = await exit.value
        timer.cancel()
        let isLate = await timer.value
        await sweeper.killAll(quarry)
        let answer = await threads.run { question.answer() }
        if isLate { return .failed("the probe was ended after its timeout.") }
        guard status == 0 else {
            return .failed("the probe ended with \(status.map { "code \($0)" } ?? "no exit code").")
        }
        return Self.meaning(of: answer)
    }

    /// The first word is the answer.
    static func meaning(of bytes: [UInt8]) -> ProbeAnswer {
        let words = bytes.split { $0 == 32 || (9...13).contains($0) }
        switch words.first.map({ String(decoding: $0, as: UTF8.self) }) {
        case "READY": return .ready
        case "WAIT": return .wait
        default: return .failed("the answer's first word is neither READY nor WAIT.")
        }
    }

    /// The descriptors of one question.
    struct Question: Sendable {
        var command: [String]
        var workingFolder: String
        var input: Int32
        var output: Int32
        var reading: Int32

        static func make(
            _ binding: TargetBinding, base: String, path: String, file: String
        ) -> Result<Question, TargetFailure> {
            Result { () throws(TargetFailure) -> Question in
                let command = try ProcessEnvironment.command(binding, base: base, path: path)
                let folder = try ProcessEnvironment.workingFolder(binding, base: base)
                // Two descriptions of a file without a name: the program may write much.
                let output = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
                let reading = open(file, O_RDONLY | O_CLOEXEC)
                let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
                let code = errno
                unlink(file)
                guard output >= 0, reading >= 0, input >= 0 else {
                    for fd in [output, reading, input] where fd >= 0 { close(fd) }
                    throw .spawn("\(file) cannot be made: \(Errors.text(code)).")
                }
                return Question(
                    command: command, workingFolder: folder, input: input, output: output,
                    reading: reading)
            }
        }

        /// The beginning of what it wrote.
        ///
        /// Closes the file.
        func answer() -> [UInt8] {
            defer { close(reading) }
            var bytes = [UInt8](repeating: 0, count: ProcessProbe.answerByteCountMax)
            let count = read(reading, &bytes, bytes.count)
            return Array(bytes.prefix(max(count, 0)))
        }
    }
}

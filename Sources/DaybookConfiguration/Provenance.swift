/// Where a configuration comes from, as far as a git checkout says.
public struct Provenance: Sendable, Equatable {
    /// The last commit that touched the folder; empty where there is none.
    public var commit = ""
    /// Its author, `NAME <ADDRESS>`; empty where there is none.
    public var author = ""
    /// Whether the folder is in a git checkout.
    public var isGitCheckout = false
    /// Whether files of the folder differ from that commit.
    public var isDirty = false

    /// Nothing known.
    public init() {}

    /// How long git may take in all, in seconds: it is asked for a note, not for the work.
    static let timeoutSeconds = 5

    /// Asks git; nothing known where there is no git, no checkout or no answer in time.
    static func of(folder: String, processEnvironment: [String: String]) -> Provenance {
        var environment = processEnvironment.filter { name, _ in
            name == "PATH" || name == "HOME" || name.hasPrefix("GIT_CONFIG_")
        }
        // No lock is taken, no question asked, no text translated (git(1), ENVIRONMENT VARIABLES).
        environment["GIT_OPTIONAL_LOCKS"] = "0"
        environment["GIT_TERMINAL_PROMPT"] = "0"
        environment["LC_ALL"] = "C"
        func git(_ arguments: [String]) -> String? {
            // A repository must not choose programs for whoever merely looks at it.
            let safe = [
                "-C", folder, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
            ]
            let output = try? BoundedProcess.run(
                ["git", "--no-pager"] + safe + arguments, environment: environment,
                workingFolder: nil, timeoutSeconds: timeoutSeconds, byteCountMax: 65_536)
            return output.map { String(decoding: $0, as: UTF8.self) }
        }
        var provenance = Provenance()
        let inside = git(["rev-parse", "--is-inside-work-tree"])
        guard inside?.hasPrefix("true") == true else { return provenance }
        provenance.isGitCheckout = true
        let log = git(["log", "-1", "--format=%H%n%an%n%ae", "--", "."]) ?? ""
        let lines = log.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.count >= 3, !lines[0].isEmpty {
            provenance.commit = lines[0]
            provenance.author = String("\(lines[1]) <\(lines[2])>".prefix(200))
        }
        // No answer in time counts as dirty: it is the claim that must not be made lightly.
        let status = git(["status", "--porcelain", "--ignore-submodules", "--", "."])
        provenance.isDirty = status?.isEmpty != true
        return provenance
    }
}

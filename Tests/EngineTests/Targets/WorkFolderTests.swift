import Engine
import Events
import Foundation
import Glibc
import Testing

@Suite("folders of runs")
struct WorkFolderTests {
    /// Runs a test's body with a fixture, its folders and where they lie.
    private static func with(
        _ body: (TargetFixture, WorkFolders, _ work: String) async throws -> Void
    ) async throws {
        try await TargetFixture.with { fixture in
            let work = fixture.root + "/work"
            try await body(fixture, WorkFolders(root: work, threads: fixture.threads), work)
        }
    }

    /// What a delivery wants.
    private struct Wanted {
        var folders: [WorkFolder]
        var files: FileDiscovery?
    }

    private static func wanted(_ folders: [(String, String)], dated: Bool = false) -> Wanted {
        Wanted(folders: folders.map { WorkFolder(name: $0.0, path: $0.1, isDated: dated) })
    }

    /// Why an attempt's folders are refused; nil where they are made.
    private static func refusal(
        _ folders: WorkFolders, _ wanted: Wanted, _ fixture: TargetFixture
    ) async -> TargetFailure? {
        var delivery = fixture.delivery(script: "true")
        delivery.wanted = (wanted.folders, wanted.files)
        do throws(TargetFailure) {
            try await folders.prepare(&delivery)
            return nil
        } catch {
            return error
        }
    }

    private static func mode(_ path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    /// Makes an empty file.
    private static func touch(_ path: String) {
        close(Glibc.open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
    }

    @Test("they are made with mode 0700, and the program is told where they are")
    func made() async throws {
        try await Self.with { fixture, folders, work in
            var delivery = fixture.delivery(
                script: """
                    echo "$DAYBOOK_ELEMENT $DAYBOOK_FOLDER_OUT_PUT" >"$DAYBOOK_FOLDER_OUT_PUT/x"
                    cat "$DAYBOOK_FOLDER_OUT_PUT/x"
                    """)
            delivery.element = "north"
            delivery.wanted.folders =
                Self.wanted([("in", "teams/north/in"), ("out-put", "teams/north/out")]).folders
            try await folders.prepare(&delivery)
            guard case .succeeded(let done) = try await fixture.run(delivery) else {
                Issue.record("it failed")
                return
            }
            #expect(try fixture.text(done.output) == "north \(work)/teams/north/out\n")
            for path in ["", "/teams", "/teams/north", "/teams/north/in", "/teams/north/out"] {
                #expect(Self.mode(work + path) == 0o700, "\(path)")
            }
        }
    }

    @Test(
        "a path that leads elsewhere is refused, and nothing is made",
        arguments: ["../x", "/tmp/x", "a/../../x", "a//b", "", ".", "a/.b", "a/\u{7}b", "a\\b"])
    func traversal(_ path: String) async throws {
        try await Self.with { fixture, folders, work in
            let failure = await Self.refusal(folders, Self.wanted([("in", path)]), fixture)
            #expect(failure?.failureClass == "folder" && failure?.isDefinite == true)
            #expect(access(work, F_OK) != 0)
        }
    }

    @Test("a link in the way is not followed, whether it leads to a folder or nowhere")
    func links() async throws {
        try await Self.with { fixture, folders, work in
            #expect(await Self.refusal(folders, Self.wanted([("in", "a")]), fixture) == nil)
            let other = fixture.root + "/other"
            mkdir(other, 0o700)
            symlink(other, work + "/a/link")
            symlink("nowhere", work + "/a/dead")
            symlink("../a", work + "/a/self")
            for path in ["a/link", "a/link/b", "a/dead", "a/self/x"] {
                let failure = await Self.refusal(folders, Self.wanted([("in", path)]), fixture)
                #expect(failure?.message.contains("link or no folder") == true, "\(path)")
            }
            let inside = try FileManager.default.contentsOfDirectory(atPath: other)
            #expect(inside.isEmpty)
            Self.touch(work + "/a/file")
            let failure = await Self.refusal(folders, Self.wanted([("in", "a/file")]), fixture)
            #expect(failure?.failureClass == "folder")
        }
    }

    @Test("a folder that others may enter is refused; one that a group may use is not")
    func othersMayEnter() async throws {
        try await Self.with { fixture, folders, work in
            mkdir(work, 0o700)
            mkdir(work + "/a", 0o700)
            chmod(work + "/a", 0o755)
            let failure = await Self.refusal(folders, Self.wanted([("in", "a")]), fixture)
            #expect(failure?.message.contains("chmod o-rwx") == true)
            chmod(work + "/a", 0o770)
            #expect(await Self.refusal(folders, Self.wanted([("in", "a")]), fixture) == nil)
            #expect(Self.mode(work + "/a") == 0o770)
        }
    }

    @Test("patterns are of names: stars, question marks, and nothing else")
    func patterns() {
        for (pattern, name, matches) in [
            ("claims_*.csv", "claims_1.csv", true), ("claims_*.csv", "claims_.csv", true),
            ("claims_*.csv", "claims_1.csv.tmp", false), ("*", "x", true), ("*", ".x", false),
            (".*", ".x", true), ("?.txt", "ä.txt", true), ("?.txt", "ab.txt", false),
            ("a*b*c", "a__b__bc", true), ("a*b*c", "acb", false), ("[a]", "a", false),
            ("[a]", "[a]", true), ("*", "a\nb", false), ("x", "x", true), ("", "x", false),
        ] {
            #expect(NamePattern(pattern).matches(name) == matches, "\(pattern) \(name)")
        }
        // A pattern that makes naive matchers take for ever.
        let stars = String(repeating: "a*", count: 100) + "b"
        #expect(!NamePattern(stars).matches(String(repeating: "a", count: 200)))
    }

    @Test("files are found by pattern, listed for the program, and never named in a message")
    func files() async throws {
        try await Self.with { fixture, folders, work in
            var request = Self.wanted([("in", "north/in")])
            request.files = FileDiscovery()
            request.files?.folder = "in"
            request.files?.pattern = "claims_*.csv"
            request.files?.countMin = 2
            let none = await Self.refusal(folders, request, fixture)
            #expect(none?.failureClass == "noInput" && none?.isDefinite == true)
            #expect(none?.message.contains("0 files of the folder 'in'") == true)
            for name in ["claims_b.csv", "claims_a.csv", "other.csv", "claims_c.csv.part"] {
                Self.touch(work + "/north/in/" + name)
            }
            symlink("claims_a.csv", work + "/north/in/claims_link.csv")
            mkdir(work + "/north/in/claims_folder.csv", 0o700)
            var delivery = fixture.delivery(
                script: "echo $DAYBOOK_FILE_COUNT; cat \"$DAYBOOK_FILE_LIST\"")
            delivery.wanted = (request.folders, request.files)
            try await folders.prepare(&delivery)
            guard case .succeeded(let done) = try await fixture.run(delivery) else {
                Issue.record("it failed")
                return
            }
            let lines = ["2"] + ["a", "b"].map { "\(work)/north/in/claims_\($0).csv" }
            #expect(try fixture.text(done.output) == lines.joined(separator: "\n") + "\n")
            await fixture.target.discard(run: 1, attempt: 1)
            #expect(access(fixture.data + "/runs/1-1", F_OK) != 0)
            request.files?.countMin = 3
            let few = await Self.refusal(folders, request, fixture)
            #expect(few?.message.contains("claims_") == false, "\(few?.message ?? "")")
            request.files?.onNone = "run"
            #expect(await Self.refusal(folders, request, fixture) == nil)
        }
    }

    // MARK: Retention

    private static let day: Int64 = 86_400_000_000
    private static let now: Int64 = 1_800_000_000_000_000

    /// Gives a file a time, in days before now.
    private static func age(_ path: String, days: Int64) {
        let seconds = Int((now - days * day) / 1_000_000)
        let time = timespec(tv_sec: seconds, tv_nsec: 0)
        utimensat(AT_FDCWD, path, [time, time], AT_SYMLINK_NOFOLLOW)
    }

    @Test("outputs go when they are old, unless a run that is open or dead may name them")
    func outputs() async throws {
        try await Self.with { fixture, _, work in
            guard
                case .succeeded(let done) = try await fixture.run(
                    fixture.delivery(script: "echo one"))
            else {
                Issue.record("it failed")
                return
            }
            let one = fixture.data + "/" + (try #require(done.output).path)
            let other = fixture.data + "/files/" + String(repeating: "a", count: 64)
            let foreign = fixture.data + "/files/notes.txt"
            let link = fixture.data + "/files/" + String(repeating: "b", count: 64)
            for path in [other, foreign] {
                Self.touch(path)
            }
            symlink("notes.txt", link)
            for path in [one, other, foreign, link] { Self.age(path, days: 40) }
            Self.age(other, days: 20)
            var retention = Retention(
                outputDays: 0, workDays: 0, data: fixture.data, work: work)
            #expect(!retention.isOn)
            #expect(retention.pass(now: Self.now, neededSince: nil) == Retention.Report())
            retention.outputDays = 30
            let needed = retention.pass(now: Self.now, neededSince: Self.now - 40 * Self.day)
            #expect(needed == Retention.Report() && access(one, F_OK) == 0)
            let ending = retention.pass(now: Self.now, neededSince: nil, isEnding: { true })
            #expect(ending.outputCount == 0)
            let report = retention.pass(now: Self.now, neededSince: nil)
            #expect(report.outputCount == 1 && report.problems.isEmpty)
            #expect(access(one, F_OK) != 0 && access(other, F_OK) == 0)
            #expect(access(foreign, F_OK) == 0 && Self.mode(link) != 0)
        }
    }

    @Test("an output that is kept again is as young as the last record that names it")
    func again() async throws {
        try await Self.with { fixture, _, work in
            var paths: [String] = []
            for run in 1...2 as ClosedRange<UInt64> {
                let outcome = try await fixture.run(
                    fixture.delivery(run: run, script: "echo same"))
                guard case .succeeded(let done) = outcome else {
                    Issue.record("it failed")
                    return
                }
                paths.append(fixture.data + "/" + (try #require(done.output).path))
                if run == 1 { Self.age(paths[0], days: 10_000) }
            }
            #expect(paths[0] == paths[1])
            let retention = Retention(
                outputDays: 30, workDays: 0, data: fixture.data, work: work)
            let present = SystemClock().now()
            #expect(retention.pass(now: present, neededSince: nil).outputCount == 0)
            #expect(access(paths[0], F_OK) == 0)
        }
    }

    @Test("folders with a date go with all in them, others stay, and links are not followed")
    func folders() async throws {
        try await Self.with { fixture, folders, work in
            let dated = Self.wanted([("out", "north/out/2026-01-01")], dated: true)
            let young = Self.wanted([("out", "north/out/2026-01-02")], dated: true)
            let lasting = Self.wanted([("in", "north/in")])
            for request in [dated, young, lasting] {
                #expect(await Self.refusal(folders, request, fixture) == nil)
            }
            let precious = fixture.root + "/precious"
            mkdir(precious, 0o700)
            Self.touch(precious + "/file")
            symlink(precious, work + "/north/out/2026-01-01/link")
            symlink(precious, work + "/north/link")
            mkdir(work + "/north/out/2026-01-01/inner", 0o700)
            Self.touch(work + "/north/out/2026-01-01/inner/file")
            Self.age(work + "/north/out/2026-01-01/.daybook-run", days: 100)
            Self.age(work + "/north/out/2026-01-02/.daybook-run", days: 10)
            let retention = Retention(outputDays: 0, workDays: 30, data: fixture.data, work: work)
            let needed = retention.pass(now: Self.now, neededSince: Self.now - 99 * Self.day)
            #expect(needed.folderCount == 0)
            let report = retention.pass(now: Self.now, neededSince: nil)
            #expect(report.folderCount == 1 && report.problems.isEmpty)
            let left = try FileManager.default.contentsOfDirectory(atPath: work + "/north/out")
            #expect(left == ["2026-01-02"])
            #expect(access(work + "/north/in", F_OK) == 0 && access(precious + "/file", F_OK) == 0)
            // An attempt in it makes it young again.
            Self.age(work + "/north/out/2026-01-02/.daybook-run", days: 10_000)
            #expect(await Self.refusal(folders, young, fixture) == nil)
            let present = SystemClock().now()
            #expect(retention.pass(now: present, neededSince: nil).folderCount == 0)
        }
    }
}

import DaybookConfiguration
import Events
import Foundation
import Testing

@Suite struct SampleTests {
    @Test("The sample loads without a problem, as it is and with its overlay")
    func loads() throws {
        let folder = try TemporaryFolder()
        try SampleConfiguration.write(to: folder.path + "/sample", key: sampleKey)
        let sample = try TemporaryFolder.wrapping(folder.path + "/sample/config")
        let base = try sample.load()
        #expect(base.problems.map(\.description) == [])
        #expect(
            base.set?.definitions.map(\.jobId) == [
                "277ca-weekly", "834-nightly", "835-monthly", "control-number-sync",
                "duplicate-sweep", "edi-outbound", "exchange-tidy", "heartbeat",
                "payer-digest[PAYER-A]", "payer-digest[PAYER-B]",
            ])
        let digest = try #require(base.job("payer-digest[PAYER-B]"))
        #expect(digest.parameters == [KeyValue("Payer", "PAYER-B")])
        #expect(digest.rules?.folders.map(\.path) == ["payers/PAYER-B"])
        #expect(
            base.set?.partners.map(\.name) == ["INTERNAL-CLAIMS", "PARTNERA", "TEST001"])
        let dev = try sample.load(variables: ["DAYBOOK_ENVIRONMENT": "dev"])
        #expect(dev.problems.map(\.description) == [])
        #expect(dev.set?.settings.requiresTicket == false)
        let nightly = try #require(dev.job("834-nightly"))
        #expect(nightly.every == "2m" && nightly.cadence.isEmpty && nightly.calendar.isEmpty)
        #expect(nightly.environment == "dev")
        #expect(
            nightly.parameters == [
                KeyValue("PartnerList", "test-partner"), KeyValue("RunDate", "${scheduledDate}"),
            ])
        #expect(dev.job("835-monthly")?.isEnabled == false)
        #expect(dev.job("dev-duplicate-sweep") != nil)
    }

    @Test("The five scenarios of the requirements stand at their cadences, with their SLAs")
    func scenarios() throws {
        let folder = try TemporaryFolder()
        try SampleConfiguration.write(to: folder.path, key: sampleKey)
        let result = try TemporaryFolder.wrapping(folder.path + "/config").load()
        let expected: [(String, String, UInt64)] = [
            ("834-nightly", "0 1 * * *", 60), ("277ca-weekly", "0 4 * * MON", 240),
            ("835-monthly", "0 6 L * *", 180), ("control-number-sync", "0 * * * *", 10),
            ("duplicate-sweep", "0 3 * * *", 1_440),
        ]
        for (id, cadence, slaMinutes) in expected {
            let job = try #require(result.job(id))
            #expect(job.cadence == cadence && job.slaMinutes == slaMinutes && job.zone == "UTC")
        }
        #expect(result.job("heartbeat")?.every == "5s")
        let tasks = ["edi-outbound", "duplicate-sweep", "exchange-tidy"].map {
            result.job($0)?.target?.command
        }
        #expect(tasks == [["assemble"], ["sweep"], ["tidy"]])
        let holidays = try #require(result.set?.calendars.first?.holidays)
        #expect(holidays.count == 62 && holidays.contains("2027-12-31"))
    }

    @Test("A file that stands already is named, and nothing is written")
    func existing() throws {
        let folder = try TemporaryFolder()
        try folder.write("config/targets.yaml", "mine\n")
        try folder.write("CODEOWNERS", "mine\n")
        let error = #expect(throws: SampleError.self) {
            try SampleConfiguration.write(to: folder.path, key: sampleKey)
        }
        #expect(error?.existing == ["config/targets.yaml", "CODEOWNERS"])
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        #expect(names.sorted() == ["CODEOWNERS", "config", "config/targets.yaml"])
    }

    @Test("Every program that targets.yaml names is there and may be run")
    func programsAreThere() throws {
        let folder = try TemporaryFolder()
        try SampleConfiguration.write(to: folder.path, key: sampleKey)
        let result = try TemporaryFolder.wrapping(folder.path + "/config").load()
        for job in try #require(result.set).definitions {
            let bindings = [job.target].compactMap { $0 } + job.dependencies.compactMap(\.probe)
            for binding in bindings where binding.kind == "process" {
                let path = folder.path + "/" + binding.command[0]
                #expect(FileManager.default.isExecutableFile(atPath: path))
            }
        }
    }

    /// A program, what it leaves as its result, and its output file with some of its lines.
    static let programs: [(String, String, String, [String])] = [
        (
            "enrollment-snapshot",
            #"{"file":"out/834/enrollment-2026-07-01.edi","added":5,"changed":4,"#
                + #""terminated":3,"segments":51}"#,
            "out/834/enrollment-2026-07-01.edi",
            ["ST*834*0001*005010X220A1~", "BGN*00*20260701*20260701*0000****2~", "SE*51*0001~"]
        ),
        (
            "claim-status",
            #"{"file":"out/277ca/summary-2026-07-01.csv","payers":3,"accepted":22,"rejected":8}"#,
            "out/277ca/summary-2026-07-01.csv",
            ["payer,accepted,accepted_amount,rejected,rejected_amount"]
        ),
        (
            "remittance",
            #"{"file":"out/835/remittance-2026-07-01.csv","payees":3,"claims":20,"#
                + #""paid_cents":1508644,"balanced":true}"#,
            "out/835/remittance-2026-07-01.csv",
            ["payee,claims,charged_cents,adjusted_cents,paid_cents"]
        ),
        (
            "control-numbers",
            #"{"file":"out/control-numbers/inventory.csv","counters":3,"repeated":1,"#
                + #""gaps":[{"counter":"isa-partner-a","from":1005,"to":1006},"#
                + #"{"counter":"isa-partner-b","from":505,"to":506}]}"#,
            "out/control-numbers/inventory.csv",
            [
                "gs-partner-a,1,8,8,0,0", "isa-partner-a,1001,1012,10,2,0",
                "isa-partner-b,501,507,5,2,1",
            ]
        ),
        (
            "heartbeat", #"{"run":"42","scheduled":"2026-07-01T01:00:00Z","waiting":4}"#,
            "out/heartbeat/last.json",
            [#"{"run":"42","scheduled":"2026-07-01T01:00:00Z","waiting":4}"#]
        ),
        (
            "payer-digest", #"{"payer":"PAYER-A","claims":10}"#,
            "out/payers/PAYER-A/claims-2026-07-01.csv",
            ["claim_id,category,amount", "C500004,A7,1933.58", "C500029,A2,1399.27"]
        ),
    ]

    @Test(
        "A program writes its file and its result, and the same again when it is repeated",
        arguments: programs.indices)
    func program(_ index: Int) throws {
        let (name, result, file, lines) = Self.programs[index]
        let folder = try TemporaryFolder()
        try SampleConfiguration.write(to: folder.path, key: sampleKey)
        let first = try run(name, in: folder)
        #expect(first.status == 0 && first.output == "")
        #expect(first.result == result + "\n")
        #expect((try? JSONSerialization.jsonObject(with: Data(result.utf8))) != nil)
        let written = try String(contentsOfFile: folder.path + "/" + file, encoding: .utf8)
        let found = written.split(separator: "\n").map(String.init)
        for line in lines { #expect(found.contains(line)) }
        if name == "enrollment-snapshot" { #expect(found.count == 51) }
        #expect(try run(name, in: folder).result == first.result)
        #expect(try String(contentsOfFile: folder.path + "/" + file, encoding: .utf8) == written)
        // Nothing half-made is left beside it.
        let outputs = try FileManager.default.subpathsOfDirectory(atPath: folder.path + "/out")
        #expect(!outputs.contains { $0.hasSuffix(".tmp") })
    }

    @Test("Payments that do not balance are refused, and nothing is published")
    func unbalanced() throws {
        let folder = try TemporaryFolder()
        try SampleConfiguration.write(to: folder.path, key: sampleKey)
        let payments = try String(
            contentsOfFile: folder.path + "/samples/payments.csv", encoding: .utf8)
        try folder.write("samples/payments.csv", payments + "C999999,LAB-1,10.00,1.00,9.01\n")
        let outcome = try run("remittance", in: folder)
        #expect(outcome.status == 1 && outcome.result == nil)
        #expect(outcome.output.contains("claim C999999 does not balance"))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/out/835"))
    }

    @Test("The dependency answers READY while the data is there, and WAIT while it is not")
    func probe() throws {
        let folder = try TemporaryFolder()
        try SampleConfiguration.write(to: folder.path, key: sampleKey)
        #expect(try run("dw-refresh", in: folder).output == "READY\n")
        try FileManager.default.removeItem(atPath: folder.path + "/samples/members-current.csv")
        #expect(try run("dw-refresh", in: folder).output == "WAIT\n")
        let outcome = try run("enrollment-snapshot", in: folder)
        #expect(outcome.status == 1 && outcome.output.contains("is missing or empty"))
    }

    /// Runs a program of the sample as a target would; the output has both streams.
    private func run(
        _ name: String, in folder: TemporaryFolder
    ) throws -> (status: Int32, output: String, result: String?) {
        let resultFile = folder.path + "/result-\(name).json"
        try? FileManager.default.removeItem(atPath: resultFile)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [folder.path + "/programs/\(name).sh"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.environment = [
            "PATH": "/usr/bin:/bin", "DAYBOOK_RESULT_FILE": resultFile, "DAYBOOK_RUN": "42",
            "DAYBOOK_BUSINESS_DATE": "2026-06-30", "DAYBOOK_SCHEDULED": "2026-07-01T01:00:00Z",
            "DAYBOOK_PARAM_RUNDATE": "2026-07-01",
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let result = try? String(contentsOfFile: resultFile, encoding: .utf8)
        return (process.terminationStatus, String(decoding: output, as: UTF8.self), result)
    }
}

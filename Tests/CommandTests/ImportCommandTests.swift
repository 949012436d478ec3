import DaybookTestSupport
import Foundation
import Testing

@Suite struct ImportCommandTests {
    @Test("import prints the schedules of a crontab and what differs, and fails with what it left")
    func crontab() async throws {
        try await TemporaryFolder.with { folder in
            let file = folder + "/jobs.cron"
            try "CRON_TZ=Europe/Berlin\n30 2 * * 1-5 /usr/bin/close-day\n".write(toFile: file)
            let good = try await Program.run("import", "crontab", file)
            #expect(good.code == 0)
            #expect(
                good.lines == [
                    #"{"jobId":"close-day","description":"/usr/bin/close-day","#
                        + #""cadence":"30 2 * * 1-5","timeZone":"Europe/Berlin","#
                        + #""target":{"name":"close-day"}}"#
                ])
            try "@reboot /usr/bin/start\n0 5 * * * root /usr/bin/stop\n".write(toFile: file)
            let bad = try await Program.run("import", "crontab", file, "--system", "--json")
            expectNo(bad, "@reboot")
            #expect(bad.output.contains(#""jobId":"stop""#))
            expectMisuse(try await Program.run("import", "quartz", file, "--system"), "--system")
            expectMisuse(try await Program.run("import", "quartz", folder + "/nix"), "nix")
        }
    }

    @Test("import reads timers by their file's name, manifests, and Quartz expressions")
    func others() async throws {
        try await TemporaryFolder.with { folder in
            try "[Timer]\nOnCalendar=Mon 02:30\n".write(toFile: folder + "/backup.timer")
            let timer = try await Program.run("import", "systemd", folder + "/backup.timer")
            #expect(timer.code == 0)
            #expect(timer.output.hasPrefix(#"{"jobId":"backup","#))
            try "kind: CronJob\nmetadata: {name: a}\nspec: {schedule: \"0 5 * * *\"}\n"
                .write(toFile: folder + "/job.yaml")
            let job = try await Program.run("import", "kubernetes", folder + "/job.yaml")
            #expect(job.code == 0 && job.output.contains(#""cadence":"0 5 * * *""#))
            try "0 30 2 ? * MON-FRI\n".write(toFile: folder + "/q")
            let quartz = try await Program.run("import", "quartz", folder + "/q")
            #expect(quartz.code == 0 && quartz.output.contains(#""cadence":"30 2 * * 1,2,3,4,5""#))
        }
    }
}

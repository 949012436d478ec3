import DaybookConfiguration
import Testing
import Timetable

@Suite struct KubernetesManifestsTests {
    private static let text = """
        apiVersion: batch/v1
        kind: CronJob
        metadata:
          name: close-day
        spec:
          schedule: "30 2 * * 1-5"
          timeZone: America/New_York
          suspend: true
          concurrencyPolicy: Replace
          startingDeadlineSeconds: 60
        ---
        kind: Service
        metadata: { name: other }
        ---
        kind: List
        items:
          - kind: CronJob
            metadata: { name: report }
            spec:
              schedule: "61 * * * *"
          - kind: CronJob
            metadata: { name: empty }
            spec: {}
        """

    @Test("CronJobs are found in several documents and lists, with their places")
    func manifests() throws {
        let result = importKubernetes(Self.text, file: "jobs.yaml")
        let schedule = try #require(result.schedules.first)
        #expect(result.schedules.count == 1 && schedule.jobId == "close-day")
        #expect(schedule.zone == "America/New_York" && !schedule.isEnabled)
        #expect(schedule.trigger == .cadence("30 2 * * 1-5", hasSeconds: false))
        #expect(schedule.json.contains(#""overlap":"terminateOther""#))
        #expect(result.differences.contains { $0.message.contains("startingDeadlineSeconds 60") })
        #expect(result.errors.count == 2)
        #expect(result.errors.contains { $0.message.contains("spec.schedule") })
        #expect(result.errors.contains { $0.line == 20 && $0.message.contains("minute") })
    }

    @Test("What is no YAML is an error with its line")
    func broken() {
        let result = importKubernetes("kind: CronJob\n---\nkind: [\n", file: "jobs.yaml")
        #expect(result.schedules.isEmpty && result.errors.count == 2)
        #expect(result.errors.allSatisfy { $0.line >= 1 })
    }
}

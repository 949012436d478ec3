import DaybookConfiguration
import Events
import Testing
import Timetable

@Suite struct RequirementTests {
    @Test("The sample schedule of the requirements loads as it stands")
    func sample() throws {
        let result = try loadConfiguration(
            folder: repository + "/Tests/Fixtures/config/requirement", environmentName: nil,
            zones: ZoneCatalog(), processEnvironment: [:])
        #expect(result.problems.map(\.description) == [])
        let set = try #require(result.set)
        #expect(
            set.definitions.map(JSONText.of) == [
                #"{"jobId":"834-nightly","description":"Generate nightly enrollment delta 834","#
                    + #""enabled":true,"cadence":"0 1 * * *","timeZone":"UTC","#
                    + #""calendar":"standard-business","dependencies":[{"type":"external","#
                    + #""name":"dw_refresh","maxDelayMinutes":30,"probe":{"name":"dw_refresh","#
                    + #""kind":"http","url":"https://warehouse.example.org/status","#
                    + #""timeoutSeconds":30},"pollSeconds":60}],"#
                    + #""target":{"name":"pl_generate_834_snapshot","kind":"process","#
                    + #""command":["programs/enrollment-snapshot.sh"],"timeoutSeconds":3600,"#
                    + #""graceSeconds":10},"parameters":[{"name":"PartnerList","value":"all"},"#
                    + #"{"name":"RunDate","value":"${scheduledDate}"}],"maxRetries":3,"#
                    + #""retryDelaysSeconds":[300,900,1800],"slaMinutes":60,"startDelayMinutes":1,"#
                    + #""catchUp":"latest","overlap":"skip","alerts":[{"event":"onFailure","#
                    + #""recipients":["ops-oncall"]},{"event":"onMissedSla","#
                    + #""recipients":["edi-lead"]}],"source":"config"}"#
            ])
        #expect(
            set.calendars.map(JSONText.of) == [
                #"{"name":"standard-business","weekend":["SAT","SUN"],"#
                    + #""holidays":["2026-01-01","2026-12-25"],"#
                    + #""validThrough":"2026-12-31","names":["#
                    + #"{"name":"2026-12-25","value":"Christmas Day"}]}"#
            ])
        #expect(set.contacts.map(\.name) == ["edi-lead", "ops-oncall"])
    }
}

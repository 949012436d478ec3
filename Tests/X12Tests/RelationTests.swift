import Testing
import X12

/// Partners with whom different things hold.
@Suite struct RelationTests {
    private func relation(
        _ sender: String, own: String, _ supported: [String: String],
        policy: X12Partners.AcknowledgmentPolicy = .asRequested
    ) -> X12Partners {
        X12Partners(
            own: .init(qualifier: "ZZ", id: own), ownGroupID: own,
            senders: [.init(qualifier: "ZZ", id: sender): policy], supported: supported)
    }

    @Test("A sender's interchange is checked by its own relation alone")
    func own() throws {
        let inquiries = ["HS/005010X279A1": "270"]
        let claims = ["HC/005010X222A1": "837"]
        let bytes = try Vectors.bytes("valid/v02_270_dependent.edi")
        func errors(_ relations: [X12Partners]) throws -> [String]? {
            try Vectors.results(bytes, partners: X12Partners(relations: relations)).first?.groups?
                .first?.errors
        }
        func note(_ relations: [X12Partners]) throws -> String? {
            try Vectors.results(bytes, partners: X12Partners(relations: relations)).first?.fault?
                .note
        }
        let good = relation("CLINICA", own: "DAYBOOK", inquiries)
        let other = relation("HOSPB", own: "DAYBOOK", inquiries)
        let wrong = relation("CLINICA", own: "DAYBOOK", claims)
        #expect(try errors([good]) == [])
        #expect(try errors([other, good]) == [])
        #expect(try errors([other, wrong]) == ["1"])
        // Of two with one sender and receiver the first counts.
        #expect(try errors([good, wrong]) == [] && errors([wrong, good]) == ["1"])
        #expect(try note([other]) == "006" && note([]) == "017")
        // Another identity of ours is another relation, whatever stands first.
        let elsewhere = relation("CLINICA", own: "OTHERS", claims)
        #expect(try errors([elsewhere, good]) == [] && errors([good, elsewhere]) == [])
        #expect(try note([elsewhere]) == "009")
        // What is refused is answered as the sender's policy says.
        let silent = relation("CLINICA", own: "OTHERS", claims, policy: .never)
        let result = try Vectors.results(
            bytes, partners: X12Partners(relations: [other, silent]))
        #expect(result.first?.fault?.note == "009" && result.first?.ta1 == nil)
    }
}

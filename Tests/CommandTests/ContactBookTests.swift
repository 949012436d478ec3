import DaybookConfiguration
import Engine
import Foundation
import Server
import Testing

/// What configuration and engine must agree on, since neither may import the other.
@Suite struct ContactBookTests {
    @Test("templates may name the same things in configuration, engine and documentation")
    func variables() throws {
        let names = NotificationTexts.variables.map(\.name)
        #expect(OtherFields.notificationVariables == names)
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/alerts.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        for (name, meaning) in NotificationTexts.variables {
            #expect(text.contains("| `\(name)` | \(meaning) |\n"), "docs/alerts.md: \(name)")
        }
    }

    @Test("every playbook that alerts link to is a document")
    func playbooks() {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let kinds = [
            "onFailure", "onMissedSla", "onMissed", "late", "definition", "calendar", "blackout",
            "clock", "space", "scrub", "seal", "checkpoint", "onStart", "onSuccess",
        ]
        var found: Set<String> = []
        for kind in kinds {
            let link = Playbook.of(kind).link("")
            #expect(
                FileManager.default.fileExists(atPath: root.appending(path: link).path), "\(link)")
            found.insert(link)
            let published = Playbook.of(kind).link("https://wiki.example.org/")
            #expect(published == "https://wiki.example.org/\(Playbook.of(kind).name).md")
        }
        #expect(found.count == 3)
    }
}

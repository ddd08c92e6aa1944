package org.foliofleet.coordinator.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.foliofleet.coordinator.report.Provenance;
import org.foliofleet.coordinator.report.ReportDocument;
import org.foliofleet.coordinator.report.Results;
import org.foliofleet.coordinator.report.html.ComparisonReport;
import org.foliofleet.protocol.control.ExperimentSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports as files in a real browser. Pictures of them are in {@code target/screenshots}. */
class ReportPageTest {
    private static final Path PICTURES = Path.of("target", "screenshots");
    private static final int WIDTH = 1280;

    @TempDir
    private Path folder;

    @BeforeEach
    void aBrowserIsThere() {
        assumeTrue(Browser.installed().isPresent(), "not run: there is no chromium on the path");
    }

    private Browser start() throws Exception {
        return Browser.start(Browser.installed().get(), Files.createDirectories(folder.resolve("profile")), WIDTH, 1600);
    }

    private void look(Browser browser, String name, String html, int charts) throws Exception {
        Path file = Files.writeString(folder.resolve(name + ".html"), html);
        for (String scheme : List.of("light", "dark")) {
            browser.prefer(scheme, "screen");
            browser.size(WIDTH, 1600);
            browser.open(file.toUri() + "?" + scheme);
            browser.await("location.href.endsWith('" + name + ".html?" + scheme + "') && document.documentElement?.dataset.drawn === 'yes'");
            assertTrue(browser.value("document.querySelectorAll('figure canvas').length").asInt() >= charts, "charts are drawn");
            assertEquals("[]", browser.value("JSON.stringify([...document.querySelectorAll('figure canvas')].filter(each => "
                    + "!each.getContext('2d').getImageData(0, 0, each.width, each.height).data.some(value => value)).length ? ['an empty chart'] : [])").asText());
            assertFits(browser);
            browser.size(WIDTH, browser.value("document.documentElement.scrollHeight").asInt());
            browser.screenshot(PICTURES.resolve(name + "-" + scheme + ".png"));
        }
        browser.prefer("light", "print");
        browser.size(720, 1000);
        assertFits(browser);
        browser.size(720, browser.value("document.documentElement.scrollHeight").asInt());
        browser.screenshot(PICTURES.resolve(name + "-print.png"));
        browser.prefer("light", "screen");
        browser.size(390, 1600);
        assertFits(browser);
        assertEquals(List.of(), browser.complaints());
        assertEquals(List.of(), browser.requests().stream().filter(url -> !url.startsWith("file:")).filter(url -> !url.startsWith("about:")).toList(),
                "requests to others");
    }

    /** Nothing sticks out once the charts have followed the width of the page, which they do frames later. */
    private static void assertFits(Browser browser) {
        browser.await("document.documentElement.scrollWidth <= innerWidth");
    }

    @Test
    void theReportOfAnExperimentIsReadable() throws Exception {
        ExperimentSource source = Results.hostile();
        try (Browser browser = start()) {
            look(browser, "report", ReportDocument.of(Results.run(source), Provenance.unkept(source)).html(), 8);
            int all = browser.value("document.querySelectorAll('[data-class=\"0\"] figure').length").asInt();
            browser.value("{ const node = document.querySelector('[data-class=\"0\"] select'); node.value = '1'; node.dispatchEvent(new Event('change')); }");
            int ofNode = browser.value("document.querySelectorAll('[data-class=\"0\"] figure').length").asInt();
            assertTrue(ofNode > 0 && ofNode < all, () -> ofNode + " charts of a node, " + all + " of all");
            assertEquals(List.of(), browser.complaints());
        }
    }

    @Test
    void theReportOfAComparisonIsReadable() throws Exception {
        ExperimentSource source = Results.hostile();
        try (Browser browser = start()) {
            look(browser, "comparison", ComparisonReport.of(Results.compare(source), source, List.of(), List.of("--kernel", "host:thp=always,never", "--seeds", "3")), 8);
        }
    }
}

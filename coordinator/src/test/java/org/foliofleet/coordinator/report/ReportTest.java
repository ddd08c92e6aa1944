package org.foliofleet.coordinator.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.StringReader;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.foliofleet.coordinator.report.html.ComparisonReport;
import org.foliofleet.protocol.compare.Compared;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.series.Sample;
import org.foliofleet.protocol.series.Track;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/**
 * Goal: a report is one file that can be handed on: well formed, without anything from elsewhere, with the numbers of the result.
 * Method: reports of an experiment whose texts are markup, read as XML.
 */
class ReportTest {
    private static final Pattern RAW = Pattern.compile("(?s)(<(script|style)\\b[^>]*>)(.*?)(</\\2>)");
    private static final ExperimentSource SOURCE = Results.hostile();
    private static final ExperimentResult RESULT = Results.run(SOURCE);
    private static final ReportDocument REPORT = ReportDocument.of(RESULT, Provenance.unkept(SOURCE));

    private static Document read(String html) throws Exception {
        assertTrue(html.startsWith("<!DOCTYPE html>\n"));
        return DocumentBuilderFactory.newInstance().newDocumentBuilder()
            .parse(new InputSource(new StringReader(RAW.matcher(html.substring("<!DOCTYPE html>\n".length())).replaceAll("$1$4"))));
    }

    /** Elements that have an attribute, by its value. */
    private static Map<String, Element> by(Document page, String attribute) {
        Map<String, Element> found = new TreeMap<>();
        NodeList all = page.getElementsByTagName("*");
        for (int i = 0; i < all.getLength(); i++) {
            Element element = (Element) all.item(i);
            if (element.hasAttribute(attribute)) {
                found.put((element.hasAttribute("data-machines") ? element.getAttribute("data-machines") + " " : "") + element.getAttribute(attribute), element);
            }
        }
        return found;
    }

    private static String text(Document page, String id) {
        return by(page, "id").get(id).getTextContent();
    }

    private static void assertTame(String html) throws Exception {
        Document page = read(html);
        assertEquals(Map.of(), by(page, "src"));
        assertTrue(by(page, "href").keySet().stream().allMatch(href -> href.startsWith("data:text/yaml;base64,")), "links lead nowhere else");
        NodeList all = page.getElementsByTagName("*");
        for (int i = 0; i < all.getLength(); i++) {
            Element element = (Element) all.item(i);
            for (int j = 0; j < element.getAttributes().getLength(); j++) {
                assertFalse(element.getAttributes().item(j).getNodeName().startsWith("on"), () -> element.getTagName() + " has a handler");
            }
            assertFalse(List.of("img", "link", "iframe", "object", "b", "i").contains(element.getTagName()), () -> "there is a " + element.getTagName());
        }
        assertEquals(3, page.getElementsByTagName("script").getLength(), "data, library, own");
        Matcher raw = RAW.matcher(html);
        while (raw.find()) {
            assertFalse(raw.group(3).contains("<script>alert"), "a script in what is not escaped");
            assertFalse(raw.group(3).matches("(?s).*(@import|url\\().*"), "a style that asks for something");
        }
        assertFalse(html.contains("\u202E"), "nothing turns the direction of text");
        String policy = by(page, "http-equiv").get("Content-Security-Policy").getAttribute("content");
        assertTrue(policy.startsWith("default-src 'none'; ") && !policy.contains("script-src 'unsafe"), policy);
    }

    @Test
    void nothingInItComesFromElsewhereOrIsTakenForMarkup() throws Exception {
        assertTame(REPORT.html());
        Document page = read(REPORT.html());
        assertTrue(text(page, "reproduce").contains("# </code></pre></script><script>alert(1)</script>"), "the file is there as it is");
        assertEquals("hostile not passed", page.getElementsByTagName("h1").item(0).getTextContent());
        assertTrue(text(page, "marks").contains("<b>round</b>"));
    }

    @Test
    void itsNumbersAreThoseOfTheResult() throws Exception {
        Document page = read(REPORT.html());
        Map<String, Element> metrics = by(page, "data-metric");
        for (ClassResult machines : RESULT.classes()) {
            for (Metric metric : List.of(Metric.CALLS, Metric.FAULTS, Metric.RESIDENT, Metric.REFS_PEAK, Metric.DEFERRED_PEAK)) {
                long value = machines.metrics().get(MetricKey.of(metric)).orElse(0);
                String key = machines.name() + " " + metric.key();
                assertEquals(Long.toString(value), metrics.get(key).getAttribute("data-value"), key);
                assertEquals(Quantities.of(value, metric.unit()), metrics.get(key).getTextContent(), key);
            }
            assertEquals(Long.toString(machines.nanos()), metrics.get(machines.name() + " nanos").getAttribute("data-value"));
            Map<String, Element> failures = by(page, "data-failure");
            for (FailureGroup group : machines.failures()) {
                String key = machines.name() + " " + group.call() + " " + group.error();
                assertEquals(Long.toString(group.count()), failures.get(key).getAttribute("data-value"), key);
            }
        }
        assertTrue(by(page, "data-latency").containsKey("host thp p99"), by(page, "data-latency").keySet()::toString);
        assertTrue(text(page, "ran").contains(RESULT.digest()));
        assertTrue(text(page, "reproduce").contains("foliofleet run 'a'\\''b <i>.yaml' --seed 5 --no-journal\n"), text(page, "reproduce"));
    }

    @Test
    void threeSentencesSayWhatCameOut() throws Exception {
        String sentences = text(read(REPORT.html()), "sentences");
        assertTrue(sentences.contains(" ran 3 machines (2 × host, 1 × guest) with "), sentences);
        assertTrue(sentences.contains("4 calls failed (SIGSEGV 4); no limit was reached; at its highest a reference count was "), sentences);
        assertTrue(sentences.contains("1 of 2 assertions failed: pmd_splits == 0."), sentences);
        assertEquals(3, by(read(REPORT.html()), "id").get("sentences").getElementsByTagName("span").getLength());
    }

    @Test
    void seriesAreInBaseUnits() throws Exception {
        Sample last = RESULT.classes().get(0).series().samples().get(RESULT.classes().get(0).series().samples().size() - 1);
        assertTrue(REPORT.csv().startsWith("machines,node,time_seconds,track,unit,value\n"), REPORT.csv());
        String seconds = BigDecimal.valueOf(last.nanos(), 9).stripTrailingZeros().toPlainString();
        assertTrue(REPORT.csv().contains("\nhost,1," + seconds + ",free,bytes," + 4096 * last.get(Track.FREE, 1) + "\n"), REPORT.csv());
        assertTrue(REPORT.csv().contains("\nhost,," + seconds + ",calls,count," + last.get(Track.CALLS) + "\n"), REPORT.csv());
        JsonNode json = new ObjectMapper().readTree(REPORT.json());
        assertEquals(RESULT.digest(), json.at("/result/digest").asText());
        JsonNode free = json.at("/series/0/nodes/1/free");
        assertEquals(4096 * last.get(Track.FREE, 1), free.get(free.size() - 1).asLong());
        assertEquals("bytes", json.at("/tracks/free/unit").asText());
        assertEquals("'=1+1", SeriesDocument.quoted("=1+1"));
    }

    @Test
    void aComparisonHasDifferencesSpreadAndWhereRunsPart() throws Exception {
        Compared compared = Results.compare(SOURCE);
        String html = ComparisonReport.of(compared, SOURCE, List.of(), List.of("--kernel", "host:thp=always,never", "--seeds", "3"));
        assertTame(html);
        Document page = read(html);
        String key = MetricKey.of(Metric.PMD_SPLITS).toString();
        List<List<Long>> values = compared.tables(List.of(), false).get(0).lines().stream().filter(line -> line.key().toString().equals(key))
            .findFirst().orElseThrow().values();
        assertEquals(values.get(0).toString(), by(page, "data-metric").get("host/A " + key).getAttribute("data-value"));
        assertEquals(values.get(1).toString(), by(page, "data-metric").get("host/B " + key).getAttribute("data-value"));
        assertTrue(text(page, "differences").contains("★ beyond"), text(page, "differences"));
        assertTrue(text(page, "partings").contains("A and B, host 0, seed 5"), text(page, "partings"));
        assertTrue(text(page, "sentences").contains("with host:thp at always, never: 2 variants, 3 seeds, 3 machines each."), text(page, "sentences"));
        assertTrue(text(page, "reproduce").contains("foliofleet compare 'a'\\''b <i>.yaml' --kernel host:thp=always,never --seeds 3"));
    }
}

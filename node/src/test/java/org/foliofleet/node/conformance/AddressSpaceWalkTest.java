package org.foliofleet.node.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: an address space looks after every call as it does on Linux. Method: walks recorded on the kernel (test resources, address-space). */
class AddressSpaceWalkTest {
    private static final List<String> FLAGS = List.of("ac", "dc", "dd", "gd", "gu", "hg", "lf", "lo", "nh", "nr", "rr", "sr", "wf");

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void everyStepOfTheWalkIsTheKernels(int number) throws IOException {
        String name = String.format(Locale.ROOT, "walk-%02d.txt", number);
        MachineModel model = new MachineModel();
        model.start(new RecordingHeader("test", "", "", List.of("swap"), Map.of(), Map.of(), List.of(), OptionalInt.empty(), Set.of(), Set.of()));
        StatementParser parser = new StatementParser(Set.of());
        List<String> lines = lines(name);
        for (int i = 0; i < lines.size();) {
            String line = lines.get(i);
            String[] parts = line.split(" -> ");
            int from = ++i;
            while (i < lines.size() && lines.get(i).startsWith(" ")) {
                i++;
            }
            Statement.OfProcess statement = (Statement.OfProcess) parser.parse(parts[0], from, name + ":" + from);
            assertEquals(parts[1], Outcome.of(model.execute(statement.process(), statement.call())).result(), name + ":" + from + ": " + line);
            assertEquals(String.join("\n", lines.subList(from, i)), String.join("\n", vmas(model)), name + ":" + from + ": after " + line);
        }
    }

    private static List<String> lines(String name) throws IOException {
        try (InputStream in = AddressSpaceWalkTest.class.getResourceAsStream("/address-space/" + name)) {
            if (in == null) {
                return fail("no resource address-space/" + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    private static List<String> vmas(MachineModel model) {
        List<String> vmas = new ArrayList<>();
        for (ModelView.Vma vma : model.view().processes().get(0).vmas()) {
            long resident = 0;
            long huge = 0;
            for (ModelView.PageRun run : vma.runs()) {
                if (run.state() == ModelView.EntryState.PRESENT) {
                    resident += run.range().count();
                    huge += run.pmd() ? run.range().count() : 0;
                }
            }
            StringBuilder text = new StringBuilder("  ").append(vma.range().start() - Arena.toPage(0)).append('+').append(vma.range().count())
                    .append(' ').append(vma.protection().read() ? 'r' : '-').append(vma.protection().write() ? 'w' : '-')
                    .append(vma.protection().execute() ? 'x' : '-').append(vma.shared() ? 's' : 'p').append(" rss=").append(resident)
                    .append(" huge=").append(huge);
            for (String flag : FLAGS) {
                text.append(vma.flags().contains(flag) ? " " + flag : "");
            }
            vmas.add(text.toString());
        }
        return vmas;
    }
}

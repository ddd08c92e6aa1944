package org.foliofleet.coordinator.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The commands that README.md tells people to give. */
final class Readme {
    /** The directory of the project. */
    static final Path TOP = Path.of("..").toAbsolutePath().normalize();

    private static final Pattern COMMENT = Pattern.compile("(^|\\s)#.*$");
    private static final Pattern SPAN = Pattern.compile("`(foliofleet [^`]+)`");
    private static final List<String> US = List.of("foliofleet ", "java -jar coordinator/target/foliofleet.jar ");

    private final String text;

    Readme(String text) {
        this.text = text;
    }

    static Readme ofProject() throws IOException {
        return new Readme(Files.readString(TOP.resolve("README.md")));
    }

    /** What stands in the blocks of a language, one after the other. */
    List<String> blocks(String language) {
        List<String> blocks = new ArrayList<>();
        Matcher matcher = Pattern.compile("(?ms)^```" + language + "$(.*?)^```$").matcher(text);
        while (matcher.find()) {
            blocks.add(matcher.group(1).strip());
        }
        return blocks;
    }

    /** Commands of a block, without comments. */
    static List<String> commands(String block) {
        return block.replace("\\\n", " ").lines().flatMap(line -> Arrays.stream(COMMENT.matcher(line).replaceAll("").split("&&")))
                .map(String::strip).filter(each -> !each.isEmpty()).toList();
    }

    /** All commands of blocks for the shell. */
    List<String> commands() {
        return blocks("sh").stream().flatMap(block -> commands(block).stream()).toList();
    }

    /** Commands within sentences. */
    List<String> mentioned() {
        List<String> found = new ArrayList<>();
        Matcher matcher = SPAN.matcher(text.replaceAll("(?ms)^```.*?^```$", ""));
        while (matcher.find()) {
            found.add(matcher.group(1).replaceAll("\\s+", " "));
        }
        return found;
    }

    /** The arguments, if it is a command of this program; else null. */
    static String[] arguments(String command) {
        for (String name : US) {
            if (command.startsWith(name)) {
                return command.substring(name.length()).split(" +");
            }
        }
        return null;
    }
}

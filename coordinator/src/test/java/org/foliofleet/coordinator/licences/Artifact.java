package org.foliofleet.coordinator.licences;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;

/** What a POM says: what it needs when it runs, and under which licences it is. POMs of parents are beside it in the local repository. */
final class Artifact {
    /** Of a POM that is needed. */
    record Needed(String group, String name) {}

    private final Path repository;
    private final Element project;

    private Artifact(Path repository, Element project) {
        this.repository = repository;
        this.project = project;
    }

    static Artifact read(Path repository, Path pom) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://xml.org/sax/features/external-general-entities", false);
        factory.setExpandEntityReferences(false);
        // Some have names of people with entities that XML does not know.
        String text = Files.readString(pom, StandardCharsets.UTF_8).replaceAll("&(?!(amp|lt|gt|quot|apos|#\\w+);)\\w+;", "").strip();
        return new Artifact(repository, factory.newDocumentBuilder().parse(new InputSource(new StringReader(text))).getDocumentElement());
    }

    private static List<Element> children(Element of, String name) {
        List<Element> found = new ArrayList<>();
        for (Node each = of == null ? null : of.getFirstChild(); each != null; each = each.getNextSibling()) {
            if (each instanceof Element element && element.getTagName().equals(name)) {
                found.add(element);
            }
        }
        return found;
    }

    private static Element child(Element of, String name) {
        List<Element> found = children(of, name);
        return found.isEmpty() ? null : found.get(0);
    }

    private static String text(Element of, String name) {
        Element found = child(of, name);
        return found == null ? "" : found.getTextContent().strip();
    }

    private Artifact parent() throws Exception {
        Element parent = child(project, "parent");
        if (parent == null) {
            return null;
        }
        String name = text(parent, "artifactId");
        String version = text(parent, "version");
        Path pom = repository.resolve(text(parent, "groupId").replace('.', '/')).resolve(name).resolve(version).resolve(name + "-" + version + ".pom");
        return Files.exists(pom) ? read(repository, pom) : null;
    }

    private String group() {
        String own = text(project, "groupId");
        return own.isEmpty() ? text(child(project, "parent"), "groupId") : own;
    }

    /** Names of its licences; those of its parent if it says nothing. */
    List<String> licences() throws Exception {
        List<String> names = children(child(project, "licenses"), "license").stream().map(each -> text(each, "name")).toList();
        Artifact parent = names.isEmpty() ? parent() : null;
        return parent == null ? names : parent.licences();
    }

    /** The scope that is said for all modules; empty if none is. */
    private String managedScope(String name) throws Exception {
        for (Element each : children(child(child(project, "dependencyManagement"), "dependencies"), "dependency")) {
            if (text(each, "artifactId").equals(name) && !text(each, "scope").equals("import")) {
                return text(each, "scope");
            }
        }
        Artifact parent = parent();
        return parent == null ? "" : parent.managedScope(name);
    }

    /** What it needs when it runs, and so does whoever needs it. */
    List<Needed> needs() throws Exception {
        List<Needed> needs = new ArrayList<>();
        for (Element each : children(child(project, "dependencies"), "dependency")) {
            String scope = text(each, "scope").isEmpty() ? managedScope(text(each, "artifactId")) : text(each, "scope");
            if ((scope.isEmpty() || scope.equals("compile") || scope.equals("runtime")) && !text(each, "optional").equals("true")) {
                String group = text(each, "groupId").replace("${project.groupId}", group()).replace("${pom.groupId}", group());
                if (group.contains("$")) {
                    throw new IOException("a group that is not known: " + group + " in " + group() + ":" + text(project, "artifactId"));
                }
                needs.add(new Needed(group, text(each, "artifactId")));
            }
        }
        Artifact parent = parent();
        if (parent != null) {
            needs.addAll(parent.needs());
        }
        return needs;
    }
}

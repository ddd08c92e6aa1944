package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.conformance.Difference.Category;
import org.foliofleet.node.conformance.DifferenceList.Place;
import org.foliofleet.node.conformance.Observation.PageState;
import org.foliofleet.node.conformance.Observation.ProcessState;
import org.foliofleet.node.conformance.Observation.VmaState;

/** Compares the pages of one process, wherever its VMAs begin and end. */
final class PageDiff implements RunSweep.Visitor<PageDiff.Placed> {
    private static final RunSweep<Placed> PAGES = new RunSweep<>(run -> run.page.at(), run -> run.page.end());

    private final DifferenceList list;
    private final String process;
    private final String processPath;
    private final List<VmaState> kernelVmas;
    private final List<Placed> kernel;
    private final List<Placed> model;

    /** A run, and the path of the value in the recording. */
    record Placed(PageState page, String path) {}

    PageDiff(DifferenceList list, ProcessState kernel, ProcessState model, String processPath) {
        this.list = list;
        this.process = kernel.name();
        this.processPath = processPath;
        this.kernelVmas = kernel.vmas();
        this.kernel = placed(kernel);
        this.model = placed(model);
    }

    void compare() {
        PAGES.sweep(kernel, model, this);
    }

    private List<Placed> placed(ProcessState state) {
        List<Placed> runs = new ArrayList<>();
        for (int v = 0; v < state.vmas().size(); v++) {
            VmaState vma = state.vmas().get(v);
            for (int r = 0; r < vma.pages().size(); r++) {
                runs.add(new Placed(vma.pages().get(r), processPath + "[" + v + "].pages[" + r + "]"));
            }
        }
        return runs;
    }

    @Override
    public void both(Placed kernelRun, Placed modelRun, long from, long end) {
        PageState run = kernelRun.page;
        PageState other = modelRun.page;
        Place place = place(from, end, kernelRun.path);
        list.compare(place, "st", run.state(), other.state());
        list.compare(place, "pmd", mark(run.pmd()), mark(other.pmd()));
        list.compare(place, "uffd_wp", mark(run.uffdWp()), mark(other.uffdWp()));
        if (run.present() != other.present()) {
            return;
        }
        long kernelOffset = from - run.at();
        long modelOffset = from - other.at();
        list.compare(place, "folio", run.folioAt(kernelOffset), other.folioAt(modelOffset));
        list.compare(place, "order", run.order(), other.order());
        list.compare(place, "i", run.indexAt(kernelOffset), other.indexAt(modelOffset));
        list.compare(place, "node", run.node(), other.node());
        list.compare(place, "mapcount", run.mapcount(), other.mapcount());
        list.compare(place, "pagemap_excl", run.pagemapExclusive(), other.pagemapExclusive());
        list.compare(place, "tag", run.tag(), other.tag());
        list.compare(place, "src", run.sourceAt(kernelOffset), other.sourceAt(modelOffset));
    }

    @Override
    public void one(Placed run, boolean kernelHas, long from, long end, RunSweep.Gap gap) {
        String field = switch (gap) {
            case ENDS_EARLY -> "n";
            case STARTS_LATE -> "at";
            case MISSING -> "st";
        };
        String text = run.page.describe(from - run.page.at());
        list.add(place(from, end, kernelHas ? run.path : pathOfVma(from)), field, kernelHas ? text : "not populated",
                kernelHas ? "not populated" : text);
    }

    /** The path of the pages of the VMA that the kernel has at the page. */
    private String pathOfVma(long page) {
        for (int v = 0; v < kernelVmas.size(); v++) {
            VmaState vma = kernelVmas.get(v);
            if (page >= vma.start() && page < vma.start() + vma.length()) {
                return processPath + "[" + v + "].pages";
            }
        }
        return processPath;
    }

    private Place place(long from, long end, String path) {
        return new Place(Category.PAGES, process, end - from > 1 ? "pages " + from + "-" + (end - 1) : "page " + from,
                path);
    }

    /** A mark that is left out where it is not set. */
    private static String mark(boolean set) {
        return set ? "1" : "";
    }
}

package org.foliofleet.protocol.program;

/**
 * What a store writes into a page: the tag and, unless {@code same}, the index of the page it was written through.
 *
 * @param tag  the tag; 0 is what a fresh page holds
 * @param same whether all pages get equal contents, as KSM needs
 */
public record ContentTag(long tag, boolean same) {
    public static ContentTag of(long tag) {
        return new ContentTag(tag, false);
    }
}

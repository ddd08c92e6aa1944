package org.foliofleet.node.cluster;

import akka.cluster.sharding.typed.ShardingEnvelope;
import akka.cluster.sharding.typed.ShardingMessageExtractor;

/** Shards of lanes: those of machines that meet in a shard, by the number of the lane. */
final class LaneShards extends ShardingMessageExtractor<ShardingEnvelope<Object>, Object> {
    private static final int SHARDS_OF_A_NUMBER = 32;

    @Override
    public String entityId(ShardingEnvelope<Object> envelope) {
        return envelope.entityId();
    }

    @Override
    public String shardId(String lane) {
        int slash = lane.lastIndexOf('/');
        return Math.floorMod(lane.substring(0, slash).hashCode(), SHARDS_OF_A_NUMBER) + lane.substring(slash);
    }

    /** The number of the lanes in a shard. */
    static int lane(String shard) {
        return Integer.parseInt(shard.substring(shard.lastIndexOf('/') + 1));
    }

    @Override
    public Object unwrapMessage(ShardingEnvelope<Object> envelope) {
        return envelope.message();
    }
}

package org.foliofleet.node.cluster;

import java.util.List;
import java.util.Random;
import org.foliofleet.node.cluster.TestCluster.Member;

/** What may happen to a cluster, and is over when {@link TestCluster#mend} has put in its place what is gone. */
enum Fault {
    NODE_KILLED {
        @Override
        void strike(TestCluster cluster, RunningStorm victim, Random random) {
            (random.nextInt(3) > 0 ? cluster.where(victim.machine()) : cluster.nodes().get(random.nextInt(cluster.nodes().size()))).kill();
        }
    },
    NODE_LEFT {
        @Override
        void strike(TestCluster cluster, RunningStorm victim, Random random) {
            cluster.where(victim.machine()).jvm().terminate();
        }
    },
    NODE_CUT_OFF {
        @Override
        void strike(TestCluster cluster, RunningStorm victim, Random random) {
            Member node = cluster.where(victim.machine());
            cluster.cutOff(List.of(node));
            node.jvm().awaitEnd();
        }
    },
    NODE_FROZEN_PAST_ITS_DOWNING {
        @Override
        void strike(TestCluster cluster, RunningStorm victim, Random random) {
            Member node = cluster.where(victim.machine());
            node.jvm().freeze();
            cluster.awaitSteps(victim.machine());
            node.jvm().thaw();
            node.jvm().awaitEnd();
        }
    },
    COORDINATOR_KILLED {
        @Override
        void strike(TestCluster cluster, RunningStorm victim, Random random) {
            cluster.coordinator().kill();
        }
    },
    DATABASE_STOPPED {
        @Override
        void strike(TestCluster cluster, RunningStorm victim, Random random) {
            SharedCluster.server().stop();
            if (random.nextBoolean()) {
                cluster.await(line -> line.contains(" waiting ") || line.contains(" ended "));
            }
            SharedCluster.server().start();
        }
    },
    DATABASE_KILLED {
        @Override
        void strike(TestCluster cluster, RunningStorm victim, Random random) {
            SharedCluster.server().kill();
            SharedCluster.server().start();
        }
    },
    PACKET_LOST {
        @Override
        void strike(TestCluster cluster, RunningStorm victim, Random random) {
            cluster.nodes().get(random.nextInt(cluster.nodes().size())).jvm().say("lose");
        }
    };

    /** Happens, while that machine runs. */
    abstract void strike(TestCluster cluster, RunningStorm victim, Random random);
}

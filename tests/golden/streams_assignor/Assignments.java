import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.kafka.coordinator.group.streams.assignor.AssignmentMemberSpec;
import org.apache.kafka.coordinator.group.streams.assignor.GroupSpecImpl;
import org.apache.kafka.coordinator.group.streams.assignor.MemberAssignment;
import org.apache.kafka.coordinator.group.streams.assignor.StickyTaskAssignor;
import org.apache.kafka.coordinator.group.streams.assignor.TopologyDescriber;

/**
 * Lets Apache Kafka's own sticky task assignor assign, for tests/golden/streams_assignments.jsonl: see README.md.
 *
 * <p>Each scenario is a group whose members come, leave and move between processes, and whose tasks and standby replicas
 * change; what one step assigns is what the next one begins with.
 */
public final class Assignments {
    private static final int SCENARIOS = 60;
    private static final int STEPS = 6;

    private Assignments() {}

    private record Subtopology(String id, int tasks, boolean stateful) {}

    public static void main(String[] args) {
        for (int scenario = 0; scenario < SCENARIOS; scenario++) scenario(new Random(scenario), scenario);
    }

    private static void scenario(Random random, int scenario) {
        List<Subtopology> subtopologies = new ArrayList<>();
        int count = 1 + random.nextInt(4);
        for (int index = 0; index < count; index++) {
            subtopologies.add(new Subtopology(String.valueOf(index), 1 + random.nextInt(12), random.nextBoolean()));
        }
        // Names as the tests of people have them, and ids as Kafka Streams makes them.
        boolean named = scenario % 2 == 0;
        Map<String, String> processOf = new TreeMap<>();
        Map<String, MemberAssignment> assigned = new HashMap<>();
        int made = 0;
        for (int step = 0; step < STEPS; step++) {
            int wanted = 1 + random.nextInt(8);
            while (processOf.size() > wanted) {
                String leaving = new ArrayList<>(processOf.keySet()).get(random.nextInt(processOf.size()));
                processOf.remove(leaving);
                assigned.remove(leaving);
            }
            while (processOf.size() < wanted) {
                String member = named ? "member" + made++ : id(random);
                List<String> processes = new ArrayList<>(new TreeSet<>(processOf.values()));
                boolean joins = !processes.isEmpty() && random.nextInt(3) == 0;
                String process = joins ? processes.get(random.nextInt(processes.size()))
                    : named ? "process" + made : id(random);
                processOf.put(member, process);
            }
            if (random.nextInt(3) == 0) {
                int index = random.nextInt(subtopologies.size());
                Subtopology grown = subtopologies.get(index);
                subtopologies.set(index, new Subtopology(grown.id, grown.tasks + random.nextInt(4), grown.stateful));
            }
            assigned = assign(subtopologies, processOf, assigned, random.nextInt(3));
        }
    }

    private static Map<String, MemberAssignment> assign(
        List<Subtopology> subtopologies,
        Map<String, String> processOf,
        Map<String, MemberAssignment> before,
        int standbyReplicas
    ) {
        Map<String, AssignmentMemberSpec> members = new HashMap<>();
        processOf.forEach((member, process) -> {
            MemberAssignment has = before.getOrDefault(member, MemberAssignment.empty());
            members.put(member, new AssignmentMemberSpec(Optional.empty(), Optional.empty(), has.activeTasks(),
                has.standbyTasks(), has.warmupTasks(), process, Map.of(), Map.of(), Map.of()));
        });
        Map<String, String> configs = Map.of("num.standby.replicas", String.valueOf(standbyReplicas));
        Map<String, MemberAssignment> after =
            new StickyTaskAssignor().assign(new GroupSpecImpl(members, configs), describer(subtopologies)).members();
        List<String> lines = new ArrayList<>();
        processOf.forEach((member, process) -> lines.add("{\"memberId\":\"" + member + "\",\"processId\":\"" + process
            + "\",\"before\":" + json(before.getOrDefault(member, MemberAssignment.empty()))
            + ",\"after\":" + json(after.get(member)) + "}"));
        List<String> topology = subtopologies.stream().map(each -> "{\"subtopologyId\":\"" + each.id
            + "\",\"numberOfTasks\":" + each.tasks + ",\"isStateful\":" + each.stateful + "}").toList();
        System.out.println("{\"standbyReplicas\":" + standbyReplicas + ",\"subtopologies\":[" + String.join(",", topology)
            + "],\"members\":[" + String.join(",", lines) + "]}");
        return new HashMap<>(after);
    }

    private static TopologyDescriber describer(List<Subtopology> subtopologies) {
        Map<String, Subtopology> byId = new TreeMap<>();
        subtopologies.forEach(each -> byId.put(each.id, each));
        return new TopologyDescriber() {
            public List<String> subtopologies() { return List.copyOf(byId.keySet()); }
            public int maxNumInputPartitions(String id) { return byId.get(id).tasks; }
            public boolean isStateful(String id) { return byId.get(id).stateful; }
        };
    }

    private static String json(MemberAssignment assignment) {
        return "{\"active\":" + json(assignment.activeTasks()) + ",\"standby\":" + json(assignment.standbyTasks()) + "}";
    }

    private static String json(Map<String, Set<Integer>> tasks) {
        List<String> parts = new ArrayList<>();
        new TreeMap<>(tasks).forEach((id, partitions) -> parts.add("\"" + id + "\":" + new TreeSet<>(partitions)));
        return "{" + String.join(",", parts) + "}";
    }

    private static String id(Random random) {
        return new UUID(random.nextLong(), random.nextLong()).toString();
    }
}

/**
 * The names on the simulated disk: folders, what is in them, and which of it a power cut may take back.
 *
 * Each creation, renaming and removal is remembered until its folder is synced. A power cut keeps any of those that are
 * not, but never half of a renaming, and none without those before it that touched the same name or the same file.
 *
 * @module
 */
import { Content } from "./disk_content.ts";
import type { Draw } from "./random.ts";

export class Folder {
  /** What processes see. */
  readonly children = new Map<string, Node>();
  /** What the device has. */
  readonly durable = new Map<string, Node>();
}

export type Node = Content | Folder;

/** One name that changes: to another node, or to none. */
interface NameChange {
  readonly folder: Folder;
  readonly name: string;
  readonly node: Node | null;
}

/** What happens at once or not at all. */
interface NameOperation {
  readonly changes: readonly NameChange[];
  /** All nodes that it is about. */
  readonly nodes: readonly Node[];
}

/** What a power cut may do to the names that are not synced. */
type Fate = "lost" | "kept" | "cut short" | "scattered";
const FATES: readonly Fate[] = ["lost", "kept", "cut short", "scattered"];

export class Names {
  readonly root = new Folder();
  /** What is not on the device for certain, in the order in which it was done. */
  #operations: NameOperation[] = [];

  /** Undefined where nothing has that path. */
  find(path: string): Node | undefined {
    let node: Node | undefined = this.root;
    for (const name of partsOf(path)) {
      if (!(node instanceof Folder)) return undefined;
      node = node.children.get(name);
    }
    return node;
  }

  /**
   * The folder that holds, or would hold, the last part of the path, and that part; null where there is no such folder.
   */
  place(path: string): { folder: Folder; name: string } | null {
    const parts = partsOf(path);
    const name = parts.pop() ?? "";
    const folder = this.find(parts.join("/"));
    return folder instanceof Folder ? { folder, name } : null;
  }

  add(folder: Folder, name: string, node: Node): void {
    this.#do({ changes: [{ folder, name, node }], nodes: [node] });
  }

  remove(folder: Folder, name: string): void {
    const node = folder.children.get(name);
    if (node !== undefined) this.#do({ changes: [{ folder, name, node: null }], nodes: [node] });
  }

  rename(from: { folder: Folder; name: string }, to: { folder: Folder; name: string }): void {
    const node = from.folder.children.get(from.name)!;
    const replaced = to.folder.children.get(to.name);
    const nodes = replaced === undefined ? [node] : [node, replaced];
    this.#do({ changes: [{ ...from, node: null }, { ...to, node }], nodes });
  }

  /** Begins a sync of a folder: `commit` makes durable what was done to its names before this call. */
  beginSync(folder: Folder): { commit(): void } {
    const covered = this.#operations.filter(({ changes }) => changes.some((change) => change.folder === folder));
    return {
      commit: () => {
        const safe = this.#withThoseBefore(covered);
        for (const operation of safe) applyDurably(operation);
        this.#operations = this.#operations.filter((operation) => !safe.has(operation));
      },
    };
  }

  /** All files that a power cut may leave. */
  contents(): Set<Content> {
    const found = new Set<Content>();
    const collect = (node: Node) => {
      if (node instanceof Content) return void found.add(node);
      for (const child of node.children.values()) collect(child);
      for (const child of node.durable.values()) collect(child);
    };
    collect(this.root);
    for (const { nodes } of this.#operations) nodes.forEach(collect);
    return found;
  }

  /** What the device has when the power is back becomes what there is. Returns how it went, for the trace. */
  cutPower(draw: Draw): Fate | "safe" {
    if (this.#operations.length === 0) return "safe";
    const fate = draw.pick(FATES);
    for (const operation of this.#surviving(fate, draw)) applyDurably(operation);
    this.#operations = [];
    restore(this.root);
    return fate;
  }

  #do(operation: NameOperation): void {
    for (const { folder, name, node } of operation.changes) setName(folder.children, name, node);
    this.#operations.push(operation);
  }

  #surviving(fate: Fate, draw: Draw): readonly NameOperation[] {
    const operations = this.#operations;
    if (fate === "lost") return [];
    if (fate === "kept") return operations;
    if (fate === "cut short") return operations.slice(0, draw.below(operations.length + 1));
    const lost: NameOperation[] = [];
    return operations.filter((operation) => {
      const isKept = draw.chance(0.5) && !lost.some((before) => isRelated(before, operation));
      if (!isKept) lost.push(operation);
      return isKept;
    });
  }

  /** The operations, and those that they build on. */
  #withThoseBefore(operations: readonly NameOperation[]): Set<NameOperation> {
    const all = new Set(operations);
    for (const later of [...this.#operations].reverse()) {
      if (!all.has(later)) continue;
      for (const before of this.#operations) {
        if (before === later) break;
        if (isRelated(before, later)) all.add(before);
      }
    }
    return new Set(this.#operations.filter((operation) => all.has(operation)));
  }
}

function isRelated(before: NameOperation, after: NameOperation): boolean {
  return before.nodes.some((node) => after.nodes.includes(node)) ||
    before.changes.some((a) => after.changes.some((b) => a.folder === b.folder && a.name === b.name));
}

function applyDurably({ changes }: NameOperation): void {
  for (const { folder, name, node } of changes) setName(folder.durable, name, node);
}

function setName(names: Map<string, Node>, name: string, node: Node | null): void {
  if (node === null) names.delete(name);
  else names.set(name, node);
}

function restore(folder: Folder): void {
  folder.children.clear();
  for (const [name, node] of folder.durable) {
    folder.children.set(name, node);
    if (node instanceof Folder) restore(node);
  }
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

/** Agents (pools of connections) by their target; the least recently used is closed when there are too many. */

import type { Agent } from 'undici';

export class AgentCache {
  readonly #max: number;
  /** The most recently used last. */
  readonly #agents = new Map<string, Agent>();

  constructor(max: number) {
    this.#max = max;
  }

  take(key: string, make: () => Agent): Agent {
    const agent = this.#agents.get(key) ?? make();
    this.#agents.delete(key);
    this.#agents.set(key, agent);
    if (this.#agents.size > this.#max) this.#dropOldest();
    return agent;
  }

  async close(): Promise<void> {
    const agents = [...this.#agents.values()];
    this.#agents.clear();
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  /** `close` lets calls under way end. */
  #dropOldest(): void {
    const [[key, agent] = []] = this.#agents;
    if (key === undefined) return;
    this.#agents.delete(key);
    void agent!.close();
  }
}

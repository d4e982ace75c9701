import { describe, expect, it } from 'vitest';
import type { Told } from '../../extension/simulation/simulation.ts';
import { newSampleSimulation, sampleSimulation } from '../panel/sample-simulation.ts';

const busyIn = (told: readonly Told[]) => told.flatMap((one) => (one.type === 'busy' ? [one.what] : []));

describe('a simulation', () => {
  it('tells a panel that comes late whether it is at work', async () => {
    const simulation = newSampleSimulation();
    const opening = simulation.open();
    await new Promise((resolve) => simulation.listen((told) => told.type === 'busy' && resolve(null)));
    expect(busyIn(simulation.whole())).toEqual([expect.any(String)]);
    await opening;
    expect(busyIn(simulation.whole())).toEqual([null]);
    await simulation.explore();
    expect(simulation.whole().map((told) => told.type)).toContain('verdict');
    expect(busyIn(simulation.whole())).toEqual([null]);
  });

  it('says which tasks have nothing to do', async () => {
    const idle = async (functions: string[]) => {
      const { setup } = (await sampleSimulation({ functions })).main!;
      return setup.idle.map((task) => setup.tasks[task]);
    };
    expect(await idle(['pinboard_add'])).toEqual(['second', 'third']);
    expect(await idle(['pinboard_add', 'pinboard_add'])).toEqual(['third']);
  });

  it('tells nothing of a megabyte or more, however long the series is', async () => {
    const simulation = await sampleSimulation({}, 'a long cover letter\n'.repeat(100_000));
    const told: Told[] = [];
    simulation.listen((message) => told.push(message));
    await simulation.explore();
    simulation.seek(2);
    await simulation.compare('image', '');
    expect(told.map(({ type }) => type)).toContain('keepOn');
    for (const message of told) expect(JSON.stringify(message).length, message.type).toBeLessThan(1_000_000);
    expect(JSON.stringify(simulation.file()).length).toBeGreaterThan(1_000_000);
  });

  it('compares the code before and after the patch on one schedule', async () => {
    const simulation = await sampleSimulation();
    await simulation.explore();
    expect(simulation.main!.violation!.message).toContain('NULL is followed');
    await simulation.compare('image', '');
    expect(simulation.other!.setup.choice.image).toBe('before');
    expect(simulation.other!.schedule.startsWith('v1:3.2')).toBe(true);
    expect(simulation.other!.violation).toBeNull();
  });
});

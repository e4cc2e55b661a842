import { paint } from '../terminal.ts';

/** What a station found, for --json: plain figures. */
export type Figures = Record<string, unknown>;

export interface StationReport {
  station: string;
  seconds: number;
  figures: Figures;
}

/** Shows the demo's stations as they go: text for people on stderr, or one JSON line a station on stdout. */
export interface Stage {
  /** Runs a station; `say` adds lines below its title. */
  station(name: string, title: string, run: (say: (text: string) => void) => Promise<Figures>): Promise<Figures>;
  readonly reports: readonly StationReport[];
}

export function demoStage(json: boolean): Stage {
  const reports: StationReport[] = [];
  const say = (text: string) => {
    if (!json) process.stderr.write(`${text.replace(/^/gm, '   ')}\n`);
  };
  return {
    reports,
    async station(station, title, run) {
      const number = String(reports.length + 1);
      if (!json) process.stderr.write(`\n${paint(['bold', 'cyan'], `${number}  ${title}`)}\n`);
      const began = performance.now();
      const figures = await run(say);
      const report = { station, seconds: Math.round(performance.now() - began) / 1000, figures };
      reports.push(report);
      if (json) process.stdout.write(`${JSON.stringify({ station, seconds: report.seconds, ...figures })}\n`);
      else process.stderr.write(paint('dim', `   ${report.seconds.toFixed(1)} s\n`));
      return figures;
    },
  };
}

import type { Command } from 'commander';
import { MaskloomError, type Device } from '@maskloom/core';
import {
  autoOrder,
  cudaEnvironment,
  cudaFolder,
  findOnnxRuntime,
  findPython,
  makeCudaWork,
  nativeFolder,
  probeDevice,
  type DeviceReport,
} from '@maskloom/runtime';
import { bundleMemory, describeMemory } from '../bundles/bundle-memory.js';
import { restart } from '../cuda/restart.js';
import { examineMachine, type DoctorReport } from '../doctor.js';
import { progressLine } from '../hub/progress-line.js';
import { EXIT } from '../terminal/failure.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Finish } from './finish.js';

interface DoctorFlags {
  readonly json?: boolean;
  readonly bundle?: string;
  readonly cuda?: boolean;
}

/** `maskloom doctor`: what this machine can run, and what would help. */
export function addDoctor(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('doctor')
    .description('Say what this machine can run on, why other devices are missing, and what would add them.')
    .option(
      '--bundle <bundle>',
      "say instead what a bundle's models will need: disk, memory, image tokens, and what fits",
    )
    .option('--cuda', 'make CUDA work: say what it needs, fetch what is missing, run a model on it')
    .option('--json', 'print the findings as JSON')
    .action(
      finish(async ({ json, bundle, cuda }: DoctorFlags) => {
        if (cuda === true) return cudaOn(terminal);
        if (bundle !== undefined) return showMemory(bundle, json === true, terminal);
        terminal.progress('trying devices ...');
        const report = await examineMachine();
        terminal.out(json === true ? `${JSON.stringify(report, undefined, 1)}\n` : describe(report));
        return report.healthy ? EXIT.ok : EXIT.failed;
      }),
    );
}

async function cudaOn(terminal: Terminal): Promise<number> {
  const { build } = findOnnxRuntime();
  const [report] = build === undefined ? [await probeDevice('cuda')] : [];
  if (build === undefined || `${process.platform}/${process.arch}` !== 'linux/x64') {
    throw new MaskloomError(
      'DEVICE_UNAVAILABLE',
      `CUDA cannot be used: ${report?.reason ?? 'only on Linux x64'}.`,
      {
        hint: report?.remedy ?? 'Use another device here.',
      },
    );
  }
  const { signal } = terminal;
  const native = nativeFolder(build);
  return makeCudaWork({
    places: { native },
    install: { version: build.version, native, folder: cudaFolder(), signal },
    python: () => findPython(signal),
    say: (line) => terminal.out(`${line}\n`),
    restart: () => {
      const environment = cudaEnvironment();
      return environment === undefined ? undefined : restart(environment, signal);
    },
    probe: () => probeDevice('cuda'),
  });
}

async function showMemory(bundle: string, json: boolean, terminal: Terminal): Promise<number> {
  const plan = await bundleMemory(bundle, terminal.signal, {
    onProgress: progressLine(terminal),
    onWarning: (message) => terminal.warn(message),
  });
  terminal.progress('trying devices ...');
  const device = await bestDevice();
  terminal.out(
    json ? `${JSON.stringify({ ...plan, device }, undefined, 1)}\n` : describeMemory(plan, device),
  );
  return plan.models.every(({ fits }) => fits) ? EXIT.ok : EXIT.failed;
}

/** What `--device auto` takes here. */
async function bestDevice(): Promise<Device> {
  for (const device of autoOrder(process.platform)) {
    const { available, software } = await probeDevice(device);
    if (available && software !== true) return device;
  }
  return 'cpu';
}

function describe(report: DoctorReport): string {
  const lines = [`node       ${report.node}`, `platform   ${report.platform}`];
  lines.push(...onnxLines(report.onnxRuntime));
  lines.push(...report.devices.flatMap(deviceLines));
  lines.push(`auto       tries ${report.auto.join(', ')}`);
  if ('code' in report.bundles) lines.push(`bundle     ${report.bundles.code}: ${report.bundles.message}`);
  else {
    for (const { name, version, recipes, bytes, trained } of report.bundles) {
      const note = trained ? '' : ', UNTRAINED weights';
      lines.push(
        `bundle     ${name} ${version}: in order, ${recipes.length} recipes, ${(bytes / 1e6).toFixed(1)} MB${note}`,
      );
    }
  }
  lines.push(`add CUDA   ${report.cudaCommand}`);
  return `${lines.join('\n')}\n`;
}

function onnxLines({ build, passedOver }: DoctorReport['onnxRuntime']): readonly string[] {
  const name = 'onnx'.padEnd(11);
  return [
    build === undefined ? `${name}none installed` : `${name}${build.package} ${build.version}`,
    ...passedOver.map(({ package: other, version }) => `${name}${other} ${version} is passed over`),
  ];
}

function deviceLines({ device, available, software, reason, remedy }: DeviceReport): readonly string[] {
  const name = device.padEnd(9);
  if (available)
    return [`${name}  available${software === true ? ' (software: for tests, never chosen by auto)' : ''}`];
  return [
    `${name}  not available: ${reason ?? 'unknown reason'}`,
    ...(remedy === undefined ? [] : [`${' '.repeat(11)}${remedy}`]),
  ];
}

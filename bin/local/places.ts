import { dirname, join, resolve } from 'node:path';

/** Where the local cloud's files are. Everything it makes lies below `.millrace/`, which git ignores. */
export const projectRoot = resolve(import.meta.dirname, '../..');
export const millraceFolder = join(projectRoot, '.millrace');
/** One folder an instance. */
export const runsFolder = join(millraceFolder, 'run');

/** The folder of the Node that runs this, which is the project's Node 24. */
export const nodeFolder = dirname(process.execPath);

/** The programs of the Python environment that set-up made. */
export const pythonFolder = join(millraceFolder, 'venv', process.platform === 'win32' ? 'Scripts' : 'bin');
export const python = join(pythonFolder, process.platform === 'win32' ? 'python.exe' : 'python');

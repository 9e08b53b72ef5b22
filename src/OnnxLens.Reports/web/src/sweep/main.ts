import '../shared/page.css';
import '../shared/report.css';
import { startPage } from '../shared/start';
import { readSweep } from './data';
import { showSweep } from './view';

void startPage('sweep', (page, run) => showSweep(page, readSweep(run)));

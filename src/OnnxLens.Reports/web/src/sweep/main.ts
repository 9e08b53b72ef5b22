import '../shared/page.css';
import { startPage } from '../shared/start';

void startPage('sweep', (page, runs) => {
    page.append(String(runs.length));
});

/* The one function of bcryptprimitives.dll that Go's runtime asks for. The wine
 * of Debian 12 lacks that library; tests give it this one. Never shipped. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID bytes, ULONG size); /* RtlGenRandom */

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T size)
{
	return SystemFunction036(bytes, (ULONG)size);
}
